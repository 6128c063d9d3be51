"""Paths of accounts: ours in the namespace `web:`, and those that allauth looks up by its names."""

from django.urls import URLPattern, path, re_path

from bottin.web.views import account_pages, account_site, accounts, feeds

urlpatterns: list[URLPattern] = [
    path("me/key", account_pages.key, name="me_key"),
    path("me/key/show", account_pages.reveal_key, name="me_key_show"),
    path("me/key/renew", account_pages.renew_key, name="me_key_renew"),
    path("me/sessions", account_pages.sessions, name="me_sessions"),
    path("me/sessions/end", account_pages.end_sessions, name="me_sessions_end"),
    path("me/sessions/<int:pk>/end", account_pages.end_session, name="me_session_end"),
    path("me/tokens", account_pages.token_list, name="me_tokens"),
    path("me/tokens/new", account_pages.create_token, name="me_token_new"),
    path("me/tokens/<int:pk>/revoke", account_pages.revoke_token, name="me_token_revoke"),
    path("me/feeds", feeds.me_feeds, name="me_feeds"),
    path("me/feeds/renew", feeds.renew, name="me_feeds_renew"),
    path("me/settings", account_pages.settings_page, name="me_settings"),
    path("account/email/undo/<str:token>", account_site.undo_email, name="email_undo"),
    path("permissions", account_site.permissions, name="permissions"),
    path("language", account_site.language, name="language"),
    path("theme", account_site.theme, name="theme"),
    path("mailbox", account_site.mailbox, name="mailbox"),
]

# Included at the root, without a namespace. Paths of allauth that are not here do not exist.
allauth_urlpatterns: list[URLPattern] = [
    path("account/sign-in", accounts.sign_in, name="account_login"),
    path("account/sign-up", accounts.sign_up, name="account_signup"),
    path("account/sign-out", accounts.sign_out, name="account_logout"),
    path("account/inactive", accounts.inactive, name="account_inactive"),
    path("account/confirm", accounts.confirmation_sent, name="account_email_verification_sent"),
    re_path(r"^account/confirm/(?P<key>[-:\w]+)$", accounts.confirm, name="account_confirm_email"),
    path("account/reset", accounts.ask_reset, name="account_reset_password"),
    path("account/reset/sent", accounts.reset_sent, name="account_reset_password_done"),
    path("account/reset/done", accounts.reset_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^account/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)$",
        accounts.reset,
        name="account_reset_password_from_key",
    ),
    path("account/again", accounts.reauthenticate, name="account_reauthenticate"),
    path("account/password", accounts.change_password, name="account_change_password"),
    path("account/email", accounts.change_email, name="account_email"),
]
