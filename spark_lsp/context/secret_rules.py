"""What provider-issued secrets look like: a table of formats, one rule a kind.

A format is a fact that its provider documents or that the open rule sets for secret scanning agree on; the expressions
are ours. They are lenient about lengths, since a line redacted needlessly comes back exact and a secret sent does not.

Sources, named in each rule: `provider` (the provider's own documentation); the rules of `gitleaks`
(github.com/gitleaks/gitleaks, MIT), `betterleaks` (github.com/betterleaks/betterleaks, MIT), `detect-secrets`
(github.com/Yelp/detect-secrets, Apache-2.0), `microsoft` (github.com/microsoft/security-utilities, MIT) and
`kingfisher` (github.com/mongodb/kingfisher, Apache-2.0); the formats that `openrouter` documents for its guardrails;
and `common` for what such tokens are commonly known to look like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Source = Literal[
    "provider", "gitleaks", "betterleaks", "detect-secrets", "microsoft", "kingfisher", "openrouter", "common"
]


@dataclass(frozen=True, slots=True)
class SecretRule:
    """One format. Patterns never match across lines; where one has a group, that is the secret, else all of it is."""

    kind: str
    anchors: tuple[str, ...]
    """One of these is in every such secret, or close before it: what a text is searched for first."""
    pattern: re.Pattern[str]
    at_anchor: bool
    """The match begins with the anchor; otherwise it is searched for around it, on its line."""
    source: Source


def _begins(kind: str, prefixes: str, rest: str, source: Source) -> SecretRule:
    """Tokens that begin with one of some prefixes, which are parted by blanks."""
    anchors = tuple(prefixes.split())
    either = "|".join(map(re.escape, anchors))
    return SecretRule(kind, anchors, re.compile(rf"(?<![A-Za-z0-9])(?:{either}){rest}"), True, source)


def _holds(kind: str, anchors: str, pattern: str, source: Source) -> SecretRule:
    """Secrets that hold one of some anchors, or stand behind it on the line."""
    return SecretRule(kind, tuple(anchors.split()), re.compile(pattern), False, source)


_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

RULES: Final[tuple[SecretRule, ...]] = (
    # Clouds
    _begins("aws-access-key-id", "AKIA ASIA ABIA ACCA", r"[A-Z2-7]{16}(?![A-Za-z0-9])", "gitleaks"),
    _begins("aws-bedrock-api-key", "ABSK bedrock-api-key-", r"[A-Za-z0-9+/=]{60,}", "gitleaks"),
    _begins("google-api-key", "AIza", r"[\w-]{35,}", "gitleaks"),
    _begins("google-oauth-client-secret", "GOCSPX-", r"[\w-]{24,}", "openrouter"),
    _begins("google-oauth-access-token", "ya29.", r"[\w-]{20,}", "common"),
    _begins("google-oauth-refresh-token", "1//0", r"[\w-]{30,}", "common"),
    _holds("azure-client-secret", "Q~", r"(?<![\w.~-])[\w.~-]{3}\dQ~[\w.~-]{31,40}", "gitleaks"),
    _begins("azure-storage-account-key", "AccountKey=", r"([A-Za-z0-9+/]{40,}={0,2})", "detect-secrets"),
    _begins("azure-shared-access-key", "SharedAccessKey=", r"([A-Za-z0-9+/]{40,}={0,2})", "common"),
    _begins("azure-shared-access-signature", "sig=", r"([A-Za-z0-9+/%]{40,}(?:%3D|=){1,2})", "common"),
    _holds("azure-devops-token", "AZDO", r"(?<![A-Za-z0-9])[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}", "common"),
    _holds("azure-service-key", "JQQJ9", r"(?<![A-Za-z0-9])[A-Za-z0-9]{52}JQQJ9[A-Za-z0-9]{27}[\w=]{0,4}", "microsoft"),
    _holds("azure-search-key", "AzSe", r"(?<![A-Za-z0-9])[A-Za-z0-9]{42}AzSe[A-D][A-Za-z0-9]{5}", "microsoft"),
    _holds("azure-functions-key", "AzFu", r"(?<![\w-])[\w-]{44}AzFu[\w-]{4,6}={0,2}", "common"),
    _begins("alibaba-access-key-id", "LTAI", r"[A-Za-z0-9]{16,24}(?![A-Za-z0-9])", "gitleaks"),
    _begins("digitalocean-token", "dop_v1_ doo_v1_ dor_v1_", r"[0-9a-f]{40,}", "gitleaks"),
    _begins("yandex-cloud-key", "AQVN", r"[\w-]{35,}", "gitleaks"),
    _begins("scalingo-token", "tk-us-", r"[\w-]{48,}", "gitleaks"),
    _begins("heroku-api-key", "HRKU-", r"[\w-]{36,}", "gitleaks"),
    _begins("fly-token", "fo1_ fm1a_ fm1r_ fm2_", r"[\w+/=-]{40,}", "gitleaks"),
    _begins("vercel-token", "vercel_blob_rw_ vcp_ vck_", r"\w{20,}", "common"),
    _begins("netlify-token", "nfp_ nfc_ nfo_ nfu_ nfb_", r"[A-Za-z0-9]{36,}", "common"),
    _begins("cloudflare-token", "cfk_ cfut_ cfat_", r"[A-Za-z0-9_-]{40,}", "provider"),
    _begins("cloudflare-origin-ca-key", "v1.0-", r"[0-9a-f]{24}-[0-9a-f]{100,}", "gitleaks"),
    # Where code is kept and built
    _begins("github-token", "ghp_ gho_ ghu_ ghs_ ghr_", r"[A-Za-z0-9_.-]{36,}", "gitleaks"),
    _begins("github-fine-grained-token", "github_pat_", r"\w{36,}", "gitleaks"),
    _begins(
        "gitlab-token",
        "glpat- gldt- glrt- glptt- glcbt- glsoat- glft- glimt- glagent- gloas- glffct- glrtr-",
        r"[\w.-]{20,}",
        "gitleaks",
    ),
    _begins("gitlab-runner-registration-token", "GR1348941", r"[\w-]{20,}", "gitleaks"),
    _begins("gitlab-session-cookie", "_gitlab_session=", r"([0-9a-z]{32,})", "gitleaks"),
    _begins("atlassian-token", "ATATT3 ATCTT3 ATBB", r"[\w=-]{24,}", "gitleaks"),
    _begins("circleci-token", "CCIPAT_ CCIPRJ_", r"\w{36,}", "common"),
    _begins("docker-hub-token", "dckr_pat_ dckr_oat_", r"[\w-]{20,}", "common"),
    _begins("artifactory-token", "AKCp cmVmdGtuO", r"[A-Za-z0-9]{50,}", "gitleaks"),
    _begins("octopus-deploy-key", "API-", r"[A-Z0-9]{26,}", "gitleaks"),
    _begins("sourcegraph-token", "sgp_", r"(?:[0-9a-f]{16}_|local_)?[0-9a-fA-F]{40}", "gitleaks"),
    _begins("sonarqube-token", "sqp_ sqa_ squ_", r"[0-9a-f]{40}", "common"),
    _begins("buildkite-token", "bkua_ bkaj_ bkct_", r"[0-9a-zA-Z]{36,}", "common"),
    _begins("pulumi-token", "pul-", r"[0-9a-f]{40}", "gitleaks"),
    _holds("terraform-cloud-token", ".atlasv1.", r"(?<![A-Za-z0-9])[A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,}", "gitleaks"),
    _begins("vault-token", "hvs. hvb. hvr.", r"[\w-]{24,}", "gitleaks"),
    _begins("doppler-token", "dp.pt. dp.st. dp.ct. dp.sa. dp.scim. dp.audit.", r"[\w.-]{40,}", "gitleaks"),
    _begins("infracost-key", "ico-", r"[A-Za-z0-9]{32}", "gitleaks"),
    _begins("prefect-key", "pnu_ pnb_", r"[A-Za-z0-9]{36}", "gitleaks"),
    _begins("postman-key", "PMAK-", r"[0-9a-f]{24}-[0-9a-f]{34}", "gitleaks"),
    _begins("readme-key", "rdme_", r"[0-9a-z]{60,}", "gitleaks"),
    # Where packages are published
    _begins("npm-token", "npm_", r"[A-Za-z0-9]{36,}", "gitleaks"),
    _begins("pypi-token", "pypi-Ag", r"[\w-]{50,}", "gitleaks"),
    _begins("rubygems-key", "rubygems_", r"[0-9a-f]{48}", "gitleaks"),
    _begins("nuget-key", "oy2", r"[a-z0-9]{43}(?![a-z0-9])", "microsoft"),
    _begins("crates-token", "cio", r"[A-Za-z0-9]{32}(?![A-Za-z0-9])", "common"),
    _begins("clojars-token", "CLOJARS_", r"[0-9a-z]{60}", "gitleaks"),
    # Models
    _begins("anthropic-key", "sk-ant-", r"[\w-]{32,}", "gitleaks"),
    _begins("openrouter-key", "sk-or-v1-", r"[0-9a-f]{40,}", "openrouter"),
    _begins(
        "openai-key", "sk-", r"(?:proj-|svcacct-|admin-|None-)?(?=[A-Za-z_-]{0,40}\d)[A-Za-z0-9_-]{32,}", "gitleaks"
    ),
    _begins("cerebras-key", "csk-", r"[A-Za-z0-9]{32,}", "betterleaks"),
    _begins("groq-key", "gsk_", r"[A-Za-z0-9]{32,}", "kingfisher"),
    _begins("hugging-face-token", "hf_ api_org_", r"[A-Za-z0-9]{30,}", "gitleaks"),
    _begins("perplexity-key", "pplx-", r"[A-Za-z0-9]{32,}", "gitleaks"),
    _begins("replicate-token", "r8_", r"[A-Za-z0-9]{37}", "common"),
    _begins("xai-key", "xai-", r"[A-Za-z0-9]{60,}", "common"),
    _begins("fireworks-key", "fw_", r"[A-Za-z0-9]{22,}", "common"),
    _begins("together-key", "tgp_v1_", r"[\w-]{40,}", "common"),
    _begins("langsmith-key", "lsv2_pt_ lsv2_sk_", r"[0-9a-f]{32}_[0-9a-f]{10}", "common"),
    _begins("pinecone-key", "pcsk_", r"\w{40,}", "common"),
    _begins("nvidia-key", "nvapi-", r"[\w-]{40,}", "common"),
    # Messages and mail
    _begins("slack-token", "xoxb- xoxp- xoxa- xoxr- xoxs- xoxo- xoxe- xoxe. xapp-", r"[A-Za-z0-9.-]{18,}", "gitleaks"),
    _holds(
        "slack-webhook",
        "hooks.slack.com/",
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([\w/+-]{20,})",
        "gitleaks",
    ),
    _holds("discord-webhook", "api/webhooks/", r"discord(?:app)?\.com/api/webhooks/\d+/([\w-]{40,})", "common"),
    _holds("teams-webhook", "IncomingWebhook/", r"IncomingWebhook/([0-9a-f]{32}/[0-9a-f-]{36})", "gitleaks"),
    _holds("telegram-bot-token", ":AA", r"(?<!\d)\d{8,12}:AA[\w-]{32,}", "detect-secrets"),
    _begins("sendgrid-key", "SG.", r"[\w-]{16,}\.[\w-]{32,}", "gitleaks"),
    _begins("brevo-key", "xkeysib- xsmtpsib-", r"[0-9a-f]{64}-[A-Za-z0-9]{16}", "gitleaks"),
    _begins("mailgun-key", "key-", r"[0-9a-f]{32}(?![0-9a-f])", "gitleaks"),
    _holds("mailchimp-key", "-us", r"(?<![0-9a-f])[0-9a-f]{32}-us\d{1,2}(?!\d)", "detect-secrets"),
    _begins("twilio-api-key", "SK", r"[0-9a-f]{32}(?![0-9A-Za-z])", "detect-secrets"),
    _begins("zapier-hook", "hooks.zapier.com/hooks/catch/", r"(\d+/\w+)", "common"),
    # Money and shops
    _begins("stripe-key", "sk_live_ sk_test_ sk_prod_ rk_live_ rk_test_ rk_prod_", r"[A-Za-z0-9]{10,}", "gitleaks"),
    _begins("stripe-webhook-secret", "whsec_", r"[A-Za-z0-9+/=]{24,}", "common"),
    _begins("square-token", "sq0atp- sq0csp-", r"[\w-]{22,}", "gitleaks"),
    _holds("square-token", "EAAA", r"(?<![\w+/=-])EAAA[\w-]{56,64}(?![\w+/=-])", "gitleaks"),
    _begins("shopify-token", "shpat_ shpca_ shppa_ shpss_", r"[0-9a-fA-F]{32}", "gitleaks"),
    _begins("braintree-token", "access_token$", r"(?:production|sandbox)\$[0-9a-z]{16}\$[0-9a-f]{32}", "common"),
    _begins("razorpay-key", "rzp_live_ rzp_test_", r"[A-Za-z0-9]{14,}", "common"),
    _begins("flutterwave-key", "FLWSECK_TEST- FLWSECK-", r"[0-9a-zA-Z]{12,}(?:-X)?", "gitleaks"),
    _begins("shippo-token", "shippo_live_ shippo_test_", r"[0-9a-fA-F]{40}", "gitleaks"),
    _begins("easypost-key", "EZAK EZTK", r"[A-Za-z0-9]{54}", "gitleaks"),
    _begins("plaid-token", "access-production- access-sandbox- access-development-", _UUID, "gitleaks"),
    _begins("duffel-token", "duffel_live_ duffel_test_", r"[\w=-]{40,}", "gitleaks"),
    # Data and watching
    _begins("databricks-token", "dapi", r"[0-9a-f]{32}(?:-\d)?(?![0-9a-f])", "gitleaks"),
    _begins("planetscale-token", "pscale_tkn_ pscale_oauth_ pscale_pw_", r"[\w=.-]{32,}", "gitleaks"),
    _begins("supabase-key", "sbp_ sb_secret_", r"[\w-]{30,}", "common"),
    _begins("airtable-token", "pat", r"[A-Za-z0-9]{14}\.[0-9a-f]{64}", "common"),
    _begins("grafana-token", "glsa_ glc_ eyJrIjoi", r"[\w+/=-]{32,}", "gitleaks"),
    _begins("new-relic-key", "NRAK- NRII- NRJS- NRAA-", r"[A-Za-z0-9-]{19,}", "gitleaks"),
    _begins("dynatrace-token", "dt0c01. dt0s01. dt0s16.", r"[A-Z0-9]{24}\.[A-Z0-9]{64}", "gitleaks"),
    _begins("sentry-token", "sntrys_ sntryu_", r"[\w+/=]{40,}", "gitleaks"),
    _begins("launchdarkly-key", "sdk- api-", rf"{_UUID}", "common"),
    _holds("maxmind-license-key", "_mmk", r"(?<![A-Za-z0-9])[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk", "gitleaks"),
    # People and their files
    _begins("notion-token", "ntn_", r"[A-Za-z0-9]{40,}", "gitleaks"),
    _begins("linear-key", "lin_api_ lin_oauth_", r"[A-Za-z0-9]{40,}", "gitleaks"),
    _begins("figma-token", "figd_ figo_ figu_", r"[\w-]{36,}", "common"),
    _begins("asana-token", "1/ 2/", r"\d{12,}(?:/\d{12,})?:[0-9a-f]{32}", "common"),
    _begins("dropbox-token", "sl.", r"(?:u\.)?[\w-]{100,}", "gitleaks"),
    _begins("typeform-token", "tfp_", r"[\w.=-]{40,}", "gitleaks"),
    _begins("contentful-token", "CFPAT-", r"[\w-]{43}", "common"),
    _begins("frameio-token", "fio-u-", r"[\w=-]{64}", "gitleaks"),
    _begins("mapbox-secret-token", "sk.eyJ", r"[\w-]{20,}\.[\w-]{20,}", "common"),
    _begins("adobe-client-secret", "p8e-", r"[\w-]{32}(?![\w-])", "gitleaks"),
    _holds("facebook-token", "EAAC EAAM EAAB EAAG", r"(?<![\w+/=-])EAA[CMBG][A-Za-z0-9]{100,}", "gitleaks"),
    _begins("1password-secret-key", "A3-", r"[A-Z0-9]{6}-[A-Z0-9]{5,6}(?:-[A-Z0-9]{5,6}){3,4}", "gitleaks"),
    _begins("1password-service-token", "ops_eyJ", r"[\w+/=-]{100,}", "gitleaks"),
    _begins("tailscale-key", "tskey-", r"[\w-]{20,}", "common"),
    _begins("age-secret-key", "AGE-SECRET-KEY-1", r"[0-9A-Z]{40,}", "gitleaks"),
    _begins("openshift-token", "sha256~", r"[\w-]{43}", "gitleaks"),
    # What is not one provider's
    _begins("json-web-token", "eyJ", r"[\w-]{10,4000}+\.eyJ[\w-]{10,8000}+\.[\w-]{10,}={0,2}", "gitleaks"),
    _begins("json-web-token", "ZXlK", r"[A-Za-z0-9+/_-]{80,}={0,2}", "gitleaks"),
    _begins("password-hash", "$2a$ $2b$ $2y$", r"\d\d\$[./A-Za-z0-9]{53}", "common"),
    _begins("password-hash", "$argon2i $argon2id$ $argon2d$", r"[\w=,$+/.-]{40,}", "common"),
    _begins("password-hash", "$5$ $6$ $y$", r"(?:rounds=\d+\$)?[./A-Za-z0-9$]{40,}", "common"),
    _begins("netrc-password", "login", r"[ \t]+\S{1,200}+[ \t]+password[ \t]+([^\s\"']{3,200})", "common"),
    _begins(
        "curl-password",
        "curl",
        r"[ \t][^\r\n]{0,200}?(?<=[ \t])(?:-u|--user)[ =]?[ \t]*[\"']?[\w.@+-]{0,80}:([^\s\"'$<{*]{3,200})",
        "gitleaks",
    ),
)
