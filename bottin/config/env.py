"""Where a setting is read: environment, `X_FILE`, a TOML file; a wrong one stops the start."""

import difflib
import functools
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bottin.config.errors import ConfigError
from bottin.config.options import Options
from bottin.config.values import Secret

PREFIX: Final = "BOTTIN_"
# Read by a command or between our own processes; not settings of the site.
COMMAND_VARIABLES: Final = {
    "BOTTIN_CONFIG": "a TOML file with settings",
    "BOTTIN_PASSWORD": "the password for `bottin user create` and `bottin user password`",
    "BOTTIN_TOKEN": "the API token for `bottin publish`",
    "BOTTIN_SITE": "the site for `bottin publish`",
    "BOTTIN_PART": "which part a process is; set by Bottin itself",
}


def variable_of(field: str) -> str:
    """Name the environment variable of a setting: `web_listen` is `BOTTIN_WEB_LISTEN`."""
    return "DATABASE_URL" if field == "database_url" else PREFIX + field.upper()


FIELDS: Final = {variable_of(field): field for field in Options.model_fields}
SECRETS: Final = {
    f"{variable_of(name)}_FILE": name
    for name, field in Options.model_fields.items()
    if "Secret" in str(field.annotation)
}


def read(environ: Mapping[str, str]) -> Options:
    """Read and check all settings.

    A variable wins over the TOML file. Raises ConfigError with a sentence for
    each unknown name, bad value or pair that cannot be.
    """
    given = _from_file(environ.get("BOTTIN_CONFIG"))
    given |= _from_secret_files(environ)
    for variable, text in environ.items():
        if variable in FIELDS:
            given[FIELDS[variable]] = text
        elif _is_unknown(variable):
            raise ConfigError(_unknown(variable, [*FIELDS, *SECRETS, *COMMAND_VARIABLES]))
    try:
        options = Options.model_validate(given)
    except ValidationError as error:
        raise ConfigError("\n".join(_sentence(detail) for detail in error.errors())) from None
    return options.model_copy(update={"data_dir": options.data_dir.expanduser().absolute()})


@functools.cache
def load() -> Options:
    """Read the settings of this process, once."""
    return read(os.environ)


def _is_unknown(variable: str) -> bool:
    known = variable in FIELDS or variable in SECRETS or variable in COMMAND_VARIABLES
    return variable.startswith(PREFIX) and not known


def _unknown(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.75)
    hint = f": did you mean {near[0]}?" if near else ": docs/settings.md lists them."
    return f"{name} is not a setting{hint}"


def _from_file(path: str | None) -> dict[str, object]:
    if not path:
        return {}
    try:
        given = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"BOTTIN_CONFIG: cannot read {path}: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"BOTTIN_CONFIG: {path} is not TOML: {error}.") from None
    for name in given:
        if name not in Options.model_fields:
            raise ConfigError(f"{path}: {_unknown(name, list(Options.model_fields))}")
    return given


def _from_secret_files(environ: Mapping[str, str]) -> dict[str, object]:
    given: dict[str, object] = {}
    for variable, field in SECRETS.items():
        path = environ.get(variable)
        if path is None:
            continue
        if variable.removesuffix("_FILE") in environ:
            raise ConfigError(f"{variable}: {variable_of(field)} is set too; keep one of them.")
        try:
            given[field] = Secret.parse(Path(path).read_text(encoding="utf-8").strip())
        except (OSError, UnicodeDecodeError):
            raise ConfigError(f"{variable}: cannot read {path}.") from None
        except ValueError:
            raise ConfigError(f"{variable}: {path} is empty.") from None
    return given


def _sentence(detail: ErrorDetails) -> str:
    """Say which variable is wrong and why, never with the value of a secret in it."""
    why = str(detail["msg"]).removeprefix("Value error, ").rstrip(".")
    if not detail["loc"]:
        return f"{why}."
    field = str(detail["loc"][0])
    name = variable_of(field)
    if f"{name}_FILE" in SECRETS:
        return f"{name}: {why}."
    got = "" if detail["type"] == "value_error" else f" (got {detail['input']!r})"
    return f"{name}: {why[0].lower()}{why[1:]}{got}."
