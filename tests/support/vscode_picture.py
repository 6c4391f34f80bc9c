"""Takes the picture of VS Code for README.md: an edit that streams into a function. Needs what the tests in it need."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from support.stepwise_endpoint import Say, StepwiseEndpoint, Wait
from support.vscode_server import install, programs
from support.workbench import workbench

if TYPE_CHECKING:
    from support.stepwise_endpoint import Step

SIZE = (1200, 660)
SETTINGS = {
    "breadcrumbs.enabled": False,
    "editor.fontSize": 15,
    "editor.renderWhitespace": "none",
    "workbench.activityBar.location": "hidden",
    "workbench.colorTheme": "Default Dark Modern",
    "workbench.layoutControl.enabled": False,
}
CODE = """\
from dataclasses import dataclass

from shop.prices import discount_for


@dataclass
class Order:
    customer: str
    quantity: int
    unit_price: float
    voucher: str | None = None


def total(order: Order) -> float:
    price = order.quantity * order.unit_price
    if order.voucher:
        price -= price * discount_for(order.voucher)
    return price


def receipt(orders: list[Order]) -> str:
    lines = []
    for order in orders:
        lines.append(order.customer + ": " + str(total(order)))
    return "\\n".join(lines)
"""
REGION = CODE[CODE.index("def total") :]
REPLY = (
    REGION.replace(
        "    price = order.quantity * order.unit_price\n",
        '    if order.quantity < 1:\n        raise ValueError(f"{order.customer} ordered nothing")\n'
        "    price = order.quantity * order.unit_price\n",
    )
    .replace("    return price\n", "    return round(price, 2)\n")
    .replace('order.customer + ": " + str(total(order))', 'f"{order.customer}: {total(order):.2f}"')
)
INSTRUCTION = "Refuse empty orders, round to cents, and use f-strings"


async def take(file: Path) -> None:
    shown = REPLY.index("    for order in orders")
    steps: list[Step] = [Say(f"```python\n{REPLY[:shown]}"), Wait(asyncio.Event())]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        install(programs()[2], folder / "extensions")
        async with (
            StepwiseEndpoint({"": steps}) as endpoint,
            workbench(
                folder,
                folder / "extensions",
                "picture",
                {"orders.py": CODE},
                base_url=endpoint.base_url,
                settings=SETTINGS,
                configuration="inline.enabled = false\nnextEdit.enabled = false\n",
            ) as window,
        ):
            await window.page.set_viewport_size({"width": SIZE[0], "height": SIZE[1]})
            await window.press("Control+B")  # without the side bar
            await window.click_editor()
            first = CODE[: CODE.index(REGION)].count("\n") + 1
            await window.select_lines(first, REGION.count("\n"))
            await window.instruct(INSTRUCTION)
            await window.until(lambda screen: any("round(price, 2)" in row for row in screen["rows"]))
            await window.until(lambda screen: not screen["notifications"])
            file.parent.mkdir(parents=True, exist_ok=True)
            # Without the status bar.
            await window.page.screenshot(path=file, clip={"x": 0, "y": 0, "width": SIZE[0], "height": SIZE[1] - 32})


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1])))
