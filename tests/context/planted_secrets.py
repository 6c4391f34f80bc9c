"""Made-up secrets of many kinds, and the ways in which code holds them.

Nothing here is written as it would be used: prefixes are cut into parts and the rest is drawn, so that no scanner of
a code host takes this file for a leak.
"""

from __future__ import annotations

import base64
import string
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

LETTERS = string.ascii_letters
ALPHANUMERIC = string.ascii_letters + string.digits
LOWER = string.ascii_lowercase + string.digits
UPPER = string.ascii_uppercase + string.digits
BASE32 = string.ascii_uppercase + "234567"
HEXADECIMAL = "0123456789abcdef"
DIGITS = string.digits
BASE64 = ALPHANUMERIC + "+/"
URL_SAFE = ALPHANUMERIC + "-_"

Draw = tuple[str, int]
"""So many characters out of these."""


@dataclass(frozen=True)
class Kind:
    """A kind of secret as its provider gives it out."""

    kind: str
    """As the rules call it."""
    parts: tuple[str | Draw, ...]

    def made(self, source: random.Random) -> str:
        return "".join(
            part if isinstance(part, str) else "".join(source.choices(part[0], k=part[1])) for part in self.parts
        )


def uuid_parts() -> tuple[str | Draw, ...]:
    return (
        (HEXADECIMAL, 8),
        "-",
        (HEXADECIMAL, 4),
        "-",
        (HEXADECIMAL, 4),
        "-",
        (HEXADECIMAL, 4),
        "-",
        (HEXADECIMAL, 12),
    )


KINDS = (
    Kind("aws-access-key-id", ("AK", "IA", (BASE32, 16))),
    Kind("aws-access-key-id", ("AS", "IA", (BASE32, 16))),
    Kind("aws-bedrock-api-key", ("AB", "SK", (BASE64, 128), "=")),
    Kind("google-api-key", ("AI", "za", (URL_SAFE, 34), "x")),
    Kind("google-oauth-client-secret", ("GOC", "SPX-", (URL_SAFE, 27), "x")),
    Kind("google-oauth-access-token", ("ya", "29.", (URL_SAFE, 120), "x")),
    Kind("google-oauth-refresh-token", ("1/", "/0", (URL_SAFE, 60), "x")),
    Kind("azure-client-secret", ((ALPHANUMERIC, 3), "8", "Q", "~", (ALPHANUMERIC, 34))),
    Kind("azure-devops-token", ((ALPHANUMERIC, 76), "AZ", "DO", (ALPHANUMERIC, 4))),
    Kind("azure-service-key", ((ALPHANUMERIC, 52), "JQ", "QJ99", (ALPHANUMERIC, 26))),
    Kind("azure-search-key", ((ALPHANUMERIC, 42), "Az", "SeA", (ALPHANUMERIC, 5))),
    Kind("azure-functions-key", ((ALPHANUMERIC, 44), "Az", "Fu", (ALPHANUMERIC, 4), "==")),
    Kind("alibaba-access-key-id", ("LT", "AI", (ALPHANUMERIC, 20))),
    Kind("digitalocean-token", ("dop", "_v1_", (HEXADECIMAL, 64))),
    Kind("heroku-api-key", ("HR", "KU-AA", (URL_SAFE, 57), "x")),
    Kind("cloudflare-token", ("cf", "ut_", (ALPHANUMERIC, 48))),
    Kind("fly-token", ("fo", "1_", (URL_SAFE, 42), "x")),
    Kind("github-token", ("gh", "p_", (ALPHANUMERIC, 36))),
    Kind("github-token", ("gh", "s_", (ALPHANUMERIC, 36))),
    Kind("github-fine-grained-token", ("github", "_pat_", (ALPHANUMERIC, 22), "_", (ALPHANUMERIC, 59))),
    Kind("gitlab-token", ("gl", "pat-", (ALPHANUMERIC, 20))),
    Kind("gitlab-token", ("gl", "rt-", (ALPHANUMERIC, 20))),
    Kind("gitlab-runner-registration-token", ("GR", "1348941", (ALPHANUMERIC, 20))),
    Kind("atlassian-token", ("ATA", "TT3", (URL_SAFE, 185), "x")),
    Kind("circleci-token", ("CCI", "PAT_", (ALPHANUMERIC, 22), "_", (HEXADECIMAL, 40))),
    Kind("docker-hub-token", ("dckr", "_pat_", (URL_SAFE, 26), "x")),
    Kind("artifactory-token", ("AK", "Cp", (ALPHANUMERIC, 69))),
    Kind("sourcegraph-token", ("sg", "p_", (HEXADECIMAL, 40))),
    Kind("sonarqube-token", ("sq", "p_", (HEXADECIMAL, 40))),
    Kind("pulumi-token", ("pu", "l-", (HEXADECIMAL, 40))),
    Kind("terraform-cloud-token", ((ALPHANUMERIC, 14), ".atlas", "v1.", (ALPHANUMERIC, 67))),
    Kind("vault-token", ("hv", "s.", (URL_SAFE, 94), "x")),
    Kind("doppler-token", ("dp", ".pt.", (ALPHANUMERIC, 43))),
    Kind("postman-key", ("PM", "AK-", (HEXADECIMAL, 24), "-", (HEXADECIMAL, 34))),
    Kind("npm-token", ("np", "m_", (ALPHANUMERIC, 36))),
    Kind("pypi-token", ("py", "pi-AgEI", (URL_SAFE, 150), "x")),
    Kind("rubygems-key", ("ruby", "gems_", (HEXADECIMAL, 48))),
    Kind("nuget-key", ("oy", "2", (LOWER, 43))),
    Kind("crates-token", ("ci", "o", (ALPHANUMERIC, 32))),
    Kind("anthropic-key", ("sk-", "ant-", "api03-", (URL_SAFE, 93), "AA")),
    Kind("openai-key", ("sk-", "proj-", (ALPHANUMERIC, 74), "T3Blbk", "FJ", (ALPHANUMERIC, 74))),
    Kind("openai-key", ("s", "k-", (ALPHANUMERIC, 48))),
    Kind("openrouter-key", ("sk-", "or-v1-", (HEXADECIMAL, 64))),
    Kind("cerebras-key", ("cs", "k-", (LOWER, 48))),
    Kind("groq-key", ("gs", "k_", (ALPHANUMERIC, 52))),
    Kind("hugging-face-token", ("h", "f_", (LETTERS, 34))),
    Kind("perplexity-key", ("pp", "lx-", (ALPHANUMERIC, 48))),
    Kind("replicate-token", ("r", "8_", (ALPHANUMERIC, 37))),
    Kind("xai-key", ("xa", "i-", (ALPHANUMERIC, 80))),
    Kind("fireworks-key", ("f", "w_", (ALPHANUMERIC, 24))),
    Kind("slack-token", ("xo", "xb-", (DIGITS, 12), "-", (DIGITS, 13), "-", (ALPHANUMERIC, 24))),
    Kind("slack-token", ("xa", "pp-1-", (UPPER, 11), "-", (DIGITS, 13), "-", (HEXADECIMAL, 64))),
    Kind("telegram-bot-token", ((DIGITS, 10), ":", "AA", (URL_SAFE, 32), "x")),
    Kind("sendgrid-key", ("S", "G.", (URL_SAFE, 22), ".", (URL_SAFE, 42), "x")),
    Kind("brevo-key", ("xkey", "sib-", (HEXADECIMAL, 64), "-", (ALPHANUMERIC, 16))),
    Kind("mailgun-key", ("ke", "y-", (HEXADECIMAL, 32))),
    Kind("mailchimp-key", ((HEXADECIMAL, 32), "-u", "s12")),
    Kind("twilio-api-key", ("S", "K", (HEXADECIMAL, 32))),
    Kind("stripe-key", ("sk", "_live_", (ALPHANUMERIC, 24))),
    Kind("stripe-key", ("rk", "_test_", (ALPHANUMERIC, 24))),
    Kind("stripe-webhook-secret", ("wh", "sec_", (ALPHANUMERIC, 32))),
    Kind("square-token", ("sq0", "atp-", (URL_SAFE, 21), "x")),
    Kind("shopify-token", ("shp", "at_", (HEXADECIMAL, 32))),
    Kind("razorpay-key", ("rzp", "_live_", (ALPHANUMERIC, 14))),
    Kind("plaid-token", ("access-", "production-", *uuid_parts())),
    Kind("databricks-token", ("da", "pi", (HEXADECIMAL, 32))),
    Kind("planetscale-token", ("pscale", "_tkn_", (ALPHANUMERIC, 43))),
    Kind("supabase-key", ("sb", "p_", (HEXADECIMAL, 40))),
    Kind("airtable-token", ("pa", "t", (ALPHANUMERIC, 14), ".", (HEXADECIMAL, 64))),
    Kind("grafana-token", ("gl", "sa_", (ALPHANUMERIC, 32), "_", (HEXADECIMAL, 8))),
    Kind("new-relic-key", ("NR", "AK-", (UPPER, 27))),
    Kind("dynatrace-token", ("dt0", "c01.", (UPPER, 24), ".", (UPPER, 64))),
    Kind("sentry-token", ("sntry", "u_", (HEXADECIMAL, 64))),
    Kind("launchdarkly-key", ("sd", "k-", *uuid_parts())),
    Kind("notion-token", ("nt", "n_", (DIGITS, 11), (ALPHANUMERIC, 35))),
    Kind("linear-key", ("lin", "_api_", (ALPHANUMERIC, 40))),
    Kind("figma-token", ("fi", "gd_", (URL_SAFE, 39), "x")),
    Kind("asana-token", ("1", "/", (DIGITS, 16), ":", (HEXADECIMAL, 32))),
    Kind("dropbox-token", ("s", "l.", (URL_SAFE, 135), "x")),
    Kind("typeform-token", ("tf", "p_", (ALPHANUMERIC, 44))),
    Kind(
        "1password-secret-key",
        ("A", "3-", (UPPER, 6), "-", (UPPER, 6), "-", (UPPER, 5), "-", (UPPER, 5), "-", (UPPER, 5)),
    ),
    Kind("tailscale-key", ("ts", "key-auth-", (ALPHANUMERIC, 12), "-", (ALPHANUMERIC, 32))),
    Kind("age-secret-key", ("AGE-SECRET", "-KEY-1", (UPPER, 58))),
    Kind("openshift-token", ("sha", "256~", (URL_SAFE, 42), "x")),
    Kind(
        "json-web-token",
        ("ey", "JhbGciOi", (ALPHANUMERIC, 24), ".ey", "J", (ALPHANUMERIC, 60), ".", (URL_SAFE, 42), "x"),
    ),
    Kind("password-hash", ("$2", "b$12$", (ALPHANUMERIC, 53))),
)
"""Every one stands out by itself, whatever the name in front of it is."""

PLACES = {
    "python": 'value = "{}"\n',
    "python bytes": "VALUES = [b'{}', 1]\n",
    "python comment": "    # it was {} once\n",
    "javascript": "const value = `{}`;\n",
    "json": '  "value": "{}",\n',
    "yaml": "  value: {}\n",
    "toml": 'value = "{}"\n',
    "dotenv": "VALUE={}\n",
    "shell": "export VALUE='{}' && run\n",
    "command": "tool login {} --now\n",
    "go": '\tvalue := "{}"\n',
    "rust": 'let value = "{}".to_string();\n',
    "java": '    private static final String VALUE = "{}";\n',
    "c": '#define VALUE "{}"\n',
    "xml": "<value>{}</value>\n",
    "call": "send(url, '{}', {{}})\n",
    "tuple": '("{}",)\n',
    "sql": "INSERT INTO things VALUES (1, '{}');\n",
    "markdown": "| it | `{}` |\n",
}
"""Neutral places: nothing in them says that a secret comes."""


def password(source: random.Random) -> str:
    return (
        "".join(source.choices("bcdfghjkmnpqr", k=5))
        + "".join(source.choices("%&+#^", k=1))
        + "73"
        + source.choice("VWZ")
    )


def weak_password(source: random.Random) -> str:
    return source.choice(("hunter", "sommer", "drache", "tiger")) + str(source.randrange(21, 99))


def random_text(source: random.Random) -> str:
    return "".join(source.choices(ALPHANUMERIC, k=30)) + "7a"


def hexadecimal(source: random.Random) -> str:
    return "".join(source.choices(HEXADECIMAL, k=38)) + "4f"


def base64_key(source: random.Random) -> str:
    return base64.b64encode(source.randbytes(32)).decode()


ANNOUNCED: tuple[tuple[str, tuple[Callable[[random.Random], str], ...]], ...] = (
    # Python
    ('PASSWORD = "{}"\n', (password, weak_password)),
    ("    db_password: str = '{}'\n", (password, weak_password)),
    ('connect(user="me", password="{}", port=5432)\n', (password, weak_password)),
    ('if password == "{}":\n', (password, weak_password)),
    ('settings["api_key"] = "{}"\n', (random_text, hexadecimal)),
    ('token = os.environ.get("API_TOKEN", "{}")\n', (random_text, hexadecimal)),
    ('SECRET_KEY = b"{}"\n', (random_text, hexadecimal, base64_key)),
    ('client = Client(client_secret="{}")\n', (random_text, base64_key)),
    ('PASSWORD = (\n    "{}"\n)\n', (password, weak_password)),
    ('password = SecretStr("{}")\n', (password, weak_password)),
    # JavaScript and TypeScript
    ("const apiKey: string = '{}';\n", (random_text, hexadecimal)),
    ("  password: '{}',\n", (password, weak_password)),
    ("const token = process.env.API_TOKEN || '{}';\n", (random_text, hexadecimal)),
    ("const accessToken = `{}`;\n", (random_text,)),
    # JSON, YAML, TOML, INI, properties, .env
    ('  "password": "{}",\n', (password, weak_password)),
    ('{{"clientSecret":"{}"}}\n', (random_text, base64_key)),
    ('  "dbPassword":\n    "{}"\n', (password, weak_password)),
    ("  password: {}\n", (password, weak_password)),
    ('- name: DB_PASSWORD\n  value: "{}"\n', (password, weak_password)),
    ("- name: DB_PASSWORD\n  value: {}\n", (password,)),
    ('{{"name": "DB_PASSWORD", "value": "{}"}}\n', (password, weak_password)),
    ("api_token: {}\n", (random_text, hexadecimal)),
    ('password = "{}"\n', (password, weak_password)),
    ("spring.datasource.password={}\n", (password, weak_password)),
    ("DB_PASSWORD={}\n", (password, weak_password)),
    ("export AWS_SECRET_ACCESS_KEY={}\n", (random_text, base64_key)),
    ("ENV API_SECRET {}\n", (random_text,)),
    ("//packages.example.com/:_authToken={}\n", (random_text, hexadecimal)),
    # Go, Rust, Java, C#, PHP, Ruby, C, Lua, Kotlin, Terraform
    ('\tpassword := "{}"\n', (password, weak_password)),
    ('\tConfig{{Password: "{}"}}\n', (password, weak_password)),
    ('let password: &str = "{}";\n', (password, weak_password)),
    ('let secret = String::from("{}");\n', (random_text,)),
    ('    String apiSecret = "{}";\n', (random_text, base64_key)),
    ('builder.setPassword("{}")\n', (password, weak_password)),
    ('var options = new Options {{ AccessToken = "{}" }};\n', (random_text,)),
    ("define('DB_PASSWORD', '{}');\n", (password, weak_password)),
    ("    'password' => '{}',\n", (password, weak_password)),
    ("  config.api_key = '{}'\n", (random_text, hexadecimal)),
    ('#define WIFI_PASSWORD "{}"\n', (password, weak_password)),
    ('const char *password = "{}";\n', (password, weak_password)),
    ('static char token[] = "{}";\n', (random_text,)),
    ('val signingKey: String = "{}"\n', (base64_key,)),
    ('  password = "{}"\n', (password, weak_password)),
    # XML, connection strings, addresses, commands, headers
    ("<password>{}</password>\n", (password, weak_password)),
    ('<add key="ApiKey" value="{}" />\n', (random_text, hexadecimal)),
    ('"Server=db;Database=x;User Id=me;Password={};Encrypt=true"\n', (password, weak_password)),
    ('"DefaultEndpointsProtocol=https;AccountName=x;Account' + 'Key={};EndpointSuffix=y"\n', (base64_key,)),
    ('"Endpoint=sb://x/;SharedAccessKeyName=y;SharedAccess' + 'Key={}"\n', (base64_key,)),
    ('DATABASE_URL = "postgres://me:{}@db.internal:5432/app"\n', (weak_password, random_text)),
    ("redis://:{}@cache:6379/0\n", (weak_password, random_text)),
    ('fetch("https://api.internal/v1?api_key={}&page=2")\n', (random_text, hexadecimal)),
    ("mysql -u root --password={} app\n", (password, weak_password)),
    ("tool --token {} run\n", (random_text, hexadecimal)),
    ("curl -s -u me:{} https://api.internal\n", (weak_password, random_text)),
    ('headers = {{"Authorization": "Bearer {}"}}\n', (random_text, hexadecimal)),
    ("-H 'Authorization: Bearer {}' \\\n", (random_text,)),
    ("machine api.internal login me password {}\n", (password, weak_password)),
    ('"{{\\"password\\": \\"{}\\"}}"\n', (weak_password,)),
)
"""What stands out by the name or the address in front of it, and what is put there."""


def key_block(source: random.Random, name: str = "RSA PRIVATE", lines: int = 25) -> str:
    """A private key as it stands in a file."""
    body = "".join("".join(source.choices(BASE64, k=64)) + "\n" for _ in range(lines))
    last = "".join(source.choices(BASE64, k=22)) + "==\n"
    return f"-----BEGIN {name} KEY-----\n{body}{last}-----END {name} KEY-----\n"
