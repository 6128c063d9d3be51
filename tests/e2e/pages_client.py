"""Somebody signed in to the pages of a site, who sends their forms; no browser needed."""

import re
from typing import Final, Self

import httpx

from tests.e2e.site import PASSWORD, Site

_TOKEN: Final = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Visit:
    """One browser's worth of cookies, inside a `with`."""

    def __init__(self, site: Site, name: str) -> None:
        self._http = httpx.Client(base_url=site.origin, follow_redirects=True, timeout=30)
        self.submit("/account/sign-in", login=name, password=PASSWORD)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def submit(self, form: str, to: str | None = None, **fields: str) -> None:
        """Open the page of a form and send it, there or `to` another path; fails when refused."""
        page = self._http.get(form)
        found = _TOKEN.search(page.text)
        assert page.status_code == 200, (form, page.status_code)
        assert found is not None, f"no form at {form}"
        sent = self._http.post(
            to or form,
            data={"csrfmiddlewaretoken": found[1], **fields},
            headers={"Referer": str(page.url)},
        )
        assert sent.status_code == 200, (form, sent.status_code, sent.text[:2000])

    def decide(self, release_id: str, decision: str, **reasons: str) -> None:
        """Take a moderator's decision on a release."""
        self.submit(f"/moderation/{release_id}", decision=decision, **reasons)

    def renew_key(self, reason: str) -> None:
        """Replace the announce key: `routine` gives the old one a grace, `compromised` none."""
        self.submit("/me/key", "/me/key/renew", reason=reason)
