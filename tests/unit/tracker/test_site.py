"""What the tracker is told of the settings."""

from typing import Any

import pytest

from bottin.config import env
from bottin.config.errors import ConfigError
from bottin.tracker import site
from bottin.tracker.dataplane import DataPlane


def served(**given: str) -> dict[str, Any]:
    environ = {f"BOTTIN_TRACKER_{name.upper()}": text for name, text in given.items()}
    return site.serving(env.read(environ))


def test_id_16_clients_are_named_by_the_heads_of_their_peer_ids() -> None:
    told = served(denied_clients="-XL, -UT3", warned_clients="-UT", allowed_clients="")

    assert told["denied_clients"] == ["-XL", "-UT3"]
    assert told["warned_clients"] == ["-UT"]
    assert told["allowed_clients"] == []


@pytest.mark.parametrize("family", ["-", "-qB4650-1", "é-"])
def test_id_16_what_names_no_client_is_refused(family: str) -> None:
    with pytest.raises(ConfigError, match="DENIED_CLIENTS"):
        served(denied_clients=family)


def test_abuse_05_quotas_are_rates_and_the_data_plane_takes_them() -> None:
    told = served(list_quotas="50/m,2000/d", networks_per_hour="3", sheds_load="false")

    assert told["list_quotas"] == [{"lists": 50, "seconds": 60}, {"lists": 2000, "seconds": 86_400}]
    assert told["sheds_load"] is False
    assert told["networks_per_hour"] == 3
    DataPlane(told)
