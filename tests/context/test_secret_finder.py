"""What counts as a secret: every kind in every place is found, to the character, and ordinary code is left alone."""

from __future__ import annotations

import random
import re
import sysconfig
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from context.planted_secrets import ANNOUNCED, KINDS, PLACES, key_block
from spark_lsp.context.secret_finder import SecretFinder
from spark_lsp.context.secret_rules import RULES

if TYPE_CHECKING:
    from collections.abc import Callable

    from context.planted_secrets import Kind

ORDINARY = """\
password = input()
password = getpass.getpass("Password: ")
token = get_token()
token = self.tokens[2]
token = next(tokens1)
api_key = os.environ["API_KEY"]
api_key = config.api_key2
secret = settings.client_secret
password: str = ""
password: Optional[str] = None
passwd = "changeme"
password = "your-password-here"
api_key = "your-api-key-here"
API_KEY = "xxxxxxxxxxxxxxxx1234"
SECRET_KEY = "${SECRET_KEY}"
PASSWORD={{ db_password }}
PASSWORD=$DB_PASSWORD_1
password: <your password 1>
token = "<token1>"
token: "%s1"
token = f"Bearer {token2}"
label = "Password"
{"password": "Passwort", "token": "Token"}
<label for="password">Password 1</label>
<input type="password" name="password" id="password1">
token_type = "urn:ietf:params:oauth:token-type:jwt"
TOKEN_URL = "https://login.example.com/oauth2/v2.0/token"
secret_name = "projects/1/secrets/database-password/versions/2"
password_file = "/run/secrets/db_password_1"
private_key_path = "~/.ssh/id_ed25519"
"integrity": "sha512-Zx5sWxrWx8oYVXKEwQIn0tdLDWKuXyBkXlX6Zy6tW1rzmqZ8Yv3P1Xw0m4Jc4mC0nQ0m5f3o2w1e8r7t6y5u4Q=="
checksum = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
commit = "4f3c2a1b9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a"
id = "550e8400-e29b-41d4-a716-446655440000"
src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
def reset_password(token: str, new_password: str) -> None: ...
if token.type == TokenType.STRING2: pass
for key, value in sorted(items, key=lambda item: item[1]): pass
const token = await getAccessTokenSilently2();
let password2 = password1;
password2=password1,
public_key = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAu1SU1LfVLPHCozMxH2Mo"
url = "https://user:password@host/"
url = "https://${USER}:${PASSWORD}@host/"
proxy = f"http://{user}:{password}@{host}:{port}"
ssh://git@github.com:22/some/repository.git
http://localhost:8080/path?query=1@2
primary_key = "customer_id_2024_q1"
sort_key = "created_at_1234567890ab"
key = "ArrowLeft2"
class TokenBucket2: rate = 10
assert token == "identifier42"
-----BEGIN CERTIFICATE-----
MIIDdzCCAl+gAwIBAgIEAgAAuTANBgkqhkiG9w0BAQUFADBaMQswCQYDVQQGEwJJ
-----END CERTIFICATE-----
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
-----END PUBLIC KEY-----
risk-assessment-of-many-things-in-a-long-name
task_description_of_something_long_1234567890
password = hash_password("hunter", salt1)
setPassword(event.target.value1)
token = uuid4().hex[:12]
csrf = "{% csrf_token1 %}"
parser.add_argument("--password", "-p", help="The password to log in with, 8 letters")
"PWD=" + directory1
mask_sk = 0xFFFFFFFF
""".splitlines(keepends=True)


def found(text: str) -> list[str]:
    return [text[secret.start : secret.end] for secret in SecretFinder().find(text)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.kind} {kind.parts[0]}")
def test_every_kind_in_every_place(kind: Kind) -> None:
    source = random.Random(kind.kind)
    for place in PLACES.values():
        secret = kind.made(source)
        text = place.format(secret)
        assert found(text) == [secret]
        assert [secret.kind for secret in SecretFinder().find(text)] == [kind.kind]


@pytest.mark.parametrize(("place", "makes"), ANNOUNCED, ids=[repr(place) for place, _ in ANNOUNCED])
def test_what_its_surroundings_give_away(place: str, makes: tuple[Callable[[random.Random], str], ...]) -> None:
    source = random.Random(place)
    for make in makes:
        for _ in range(20):
            secret = make(source)
            assert found(f"x = 1\n{place.format(secret)}y = 2\n") == [secret]


def test_there_are_many_kinds() -> None:
    assert len({kind.kind for kind in KINDS}) >= 60
    assert len({rule.kind for rule in RULES}) >= 100
    assert {kind.kind for kind in KINDS} <= {rule.kind for rule in RULES}


@pytest.mark.parametrize("line", ORDINARY, ids=lambda line: line.strip()[:60])
def test_ordinary_code_is_left_alone(line: str) -> None:
    assert found(line) == []
    assert found(f"    {line}") == []


def test_ordinary_code_as_a_whole() -> None:
    assert found("".join(ORDINARY)) == []


def test_the_standard_library_has_next_to_none() -> None:
    folder = Path(sysconfig.get_path("stdlib"))
    lines = hits = 0
    finder = SecretFinder()
    for path in sorted(folder.glob("*.py"))[:120]:
        text = path.read_text(encoding="utf-8")
        lines += text.count("\n")
        hits += len(finder.find(text))
    assert lines > 30_000
    assert hits <= lines / 10_000


# Keys in blocks


def body_lines(block: str) -> list[str]:
    return [line for line in block.splitlines() if "-----" not in line]


@pytest.mark.parametrize("name", ["RSA PRIVATE", "PRIVATE", "EC PRIVATE", "OPENSSH PRIVATE", "ENCRYPTED PRIVATE"])
def test_a_key_block_is_one_secret_a_line(name: str) -> None:
    block = key_block(random.Random(name), name)
    for text in (block, block.replace("\n", "\r\n"), re.sub("^", "    ", block, flags=re.MULTILINE)):
        assert found(f"before\n{text}after\n") == body_lines(block)


def test_a_key_block_in_code() -> None:
    block = key_block(random.Random(1))
    joined = "".join(f'    "{line}\\n"\n' for line in block.splitlines())
    assert found(f"KEY = (\n{joined})\n") == body_lines(block)
    concatenated = " +\n".join(f'  "{line}\\n"' for line in block.splitlines())
    assert found(f"const key = {concatenated};\n") == body_lines(block)
    (escaped,) = found('{"private_key": "' + block.replace("\n", "\\n") + '"}\n')
    assert escaped == "\\n".join(body_lines(block))


def test_a_key_block_that_is_cut_off() -> None:
    block = key_block(random.Random(2))
    lines = block.splitlines(keepends=True)
    assert found("x = 1\n" + "".join(lines[:8])) == body_lines(block)[:7]
    assert found("".join(lines[8:]) + "x = 1\n") == body_lines(block)[7:]
    assert found("".join(lines[:4]) + "\ndef function():\n    return 1\n") == body_lines(block)[:3]


def test_an_encrypted_key_and_its_headers() -> None:
    block = key_block(random.Random(3))
    with_headers = block.replace("KEY-----\n", "KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,0A1B\n\n", 1)
    assert set(body_lines(block)) <= set(found(with_headers))


def test_kubernetes_secrets() -> None:
    data = "kind: Secret\nmetadata:\n  name: things\ndata:\n  anything: aHVudGVyMmh1bnRlcjI=\n"
    assert found(data) == ["aHVudGVyMmh1bnRlcjI="]
    assert found(data.replace("kind: Secret", "kind: ConfigMap")) == []
    assert found(data + "---\nkind: ConfigMap\ndata:\n  anything: aHVudGVyMmh1bnRlcjM=\n") == ["aHVudGVyMmh1bnRlcjI="]


# Lines are remembered


def lines_of_code() -> st.SearchStrategy[str]:
    source = random.Random(9)
    planted = [place.format(kind.made(source)) for kind in KINDS[::7] for place in list(PLACES.values())[::5]]
    announced = [place.format(makes[0](source)) for place, makes in ANNOUNCED if place.count("\n") == 1]
    anything = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=30).map("{}\n".format)
    return st.one_of(st.sampled_from([*planted, *announced, *ORDINARY]), anything)


@given(st.lists(lines_of_code(), max_size=12))
def test_what_is_remembered_changes_nothing(lines: list[str]) -> None:
    finder = SecretFinder()
    text = "".join(lines)
    first = finder.find(text)
    for line in lines[::2]:
        finder.find(line)
    assert finder.find(text) == first == SecretFinder().find(text)
    assert all(earlier.end <= later.start for earlier, later in pairwise(first))
    assert not any("\n" in text[secret.start : secret.end] for secret in first)


def test_memory_is_bounded() -> None:
    finder = SecretFinder()
    for start in range(0, 40_000, 1_000):
        finder.find("".join(f"value_{number} = {number}\n" for number in range(start, start + 1_000)))
    assert len(finder._known) + len(finder._known_before) < 20_000
