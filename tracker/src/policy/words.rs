//! The sentences peers are sent: what is wrong and what to do, in French and English.

use crate::wire::record::Language;
use crate::wire::{Refusal, Retry, Warning};

/// One sentence in each language, and both for someone unknown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sentence {
    french: &'static str,
    english: &'static str,
    both: &'static str,
}

impl Sentence {
    /// The text for a reader; `None` is someone whose language we do not know.
    pub(super) fn to(self, language: Option<Language>) -> &'static str {
        match language {
            Some(Language::French) => self.french,
            Some(Language::English) => self.english,
            None => self.both,
        }
    }
}

macro_rules! sentence {
    ($french:literal, $english:literal) => {
        Sentence { french: $french, english: $english, both: concat!($french, " / ", $english) }
    };
}

/// A warning, before it is known who reads it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Caution {
    code: &'static str,
    sentence: Sentence,
}

impl Caution {
    /// The warning for a reader.
    pub(super) fn to(self, language: Option<Language>) -> Warning {
        Warning { code: self.code, text: self.sentence.to(language) }
    }
}

/// The code of a warning that comes without peers.
pub const PENDING_CODE: &str = "pending";
/// Sent while a moderator has not decided.
pub(super) const PENDING: Caution = Caution {
    code: PENDING_CODE,
    sentence: sentence!("torrent en attente de validation", "torrent awaiting review"),
};
/// Sent while the previous key still works.
pub(super) const KEY_RENEWED: Caution = Caution {
    code: "key_renewed",
    sentence: sentence!(
        "votre clé d'annonce a été renouvelée : téléchargez à nouveau le fichier .torrent",
        "your announce key was renewed: download the .torrent file again"
    ),
};
/// Sent to clients that will be refused one day (ID-16).
pub(super) const CLIENT_WARNED: Caution = Caution {
    code: "client_warned",
    sentence: sentence!(
        "votre logiciel ne sera bientôt plus accepté ici : mettez-le à jour",
        "your client will soon be refused here: update it"
    ),
};

/// Sent with an empty list to an account that took its share of lists (ABUSE-5).
#[must_use]
pub fn over_quota(language: Language) -> Warning {
    let sentence = sentence!(
        "trop de listes de pairs demandées : la prochaine viendra plus tard",
        "too many peer lists asked for: the next one comes later"
    );
    Warning { code: "over_quota", text: sentence.to(Some(language)) }
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident, $retry:expr, $french:literal, $english:literal;)*) => {
        $($(#[$doc])* pub(super) fn $name() -> Refusal<'static> {
            let text = sentence!($french, $english).to(None);
            Refusal { code: stringify!($name), text, retry: $retry }
        })*
    };
}

macro_rules! member_refusals {
    ($($(#[$doc:meta])* $name:ident, $retry:expr, $french:literal, $english:literal;)*) => {
        $($(#[$doc])* pub(super) fn $name(language: Language) -> Refusal<'static> {
            let text = sentence!($french, $english).to(Some(language));
            Refusal { code: stringify!($name), text, retry: $retry }
        })*
    };
}

refusals! {
    /// No snapshot yet: fail closed.
    starting, Retry::Minutes(1), "le tracker démarre", "tracker starting";
    /// Not in the directory, perhaps not yet (ERR-5).
    unlisted, Retry::Minutes(5), "torrent absent de l'annuaire", "torrent not listed here";
    /// A members' release asked without a key.
    key_missing, Retry::Minutes(60),
        "clé d'annonce absente : téléchargez le .torrent depuis le site",
        "announce key missing: download the .torrent from the site";
    /// A key that is not of our making, or of nobody we know.
    key_wrong, Retry::Never,
        "clé d'annonce inconnue : téléchargez à nouveau le .torrent",
        "unknown announce key: download the .torrent again";
    /// Under examination (ERR-7).
    quarantined, Retry::Minutes(60),
        "torrent suspendu pendant l'examen d'une notification",
        "torrent suspended while a notice is examined";
    /// Taken back by its publisher (ERR-7).
    withdrawn, Retry::Never, "torrent retiré par son déposant", "torrent withdrawn by its uploader";
    /// Taken down (ERR-7).
    removed, Retry::Never, "torrent retiré (removed)", "torrent removed by the site";
}

member_refusals! {
    /// The key was revoked.
    key_revoked, Retry::Never,
        "clé d'annonce révoquée : téléchargez à nouveau le .torrent",
        "announce key revoked: download the .torrent again";
    /// The account is suspended.
    suspended, Retry::Minutes(720),
        "compte suspendu : voyez votre page sur le site",
        "account suspended: see your page on the site";
    /// The account is closed.
    closed, Retry::Never, "compte fermé", "account closed";
    /// The account may not announce.
    may_not_announce, Retry::Minutes(720),
        "votre compte ne peut pas annoncer : voyez votre page sur le site",
        "your account may not announce: see your page on the site";
    /// The account may not download.
    may_not_leech, Retry::Minutes(60),
        "téléchargement non permis à votre compte ; vous pouvez toujours partager",
        "your account may not download; you can still seed";
    /// More clients on one torrent than allowed (ID-13).
    too_many_locations, Retry::Minutes(30),
        "trop de logiciels sur ce torrent avec votre clé : arrêtez-en un",
        "too many clients on this torrent with your key: stop one";
}

/// Over the rate limit (ABUSE-4).
#[must_use]
pub fn too_many_requests() -> Refusal<'static> {
    let sentence = sentence!("trop d'annonces : ralentissez", "too many announces: slow down");
    Refusal { code: "too_many_requests", text: sentence.to(None), retry: Retry::Minutes(5) }
}

/// More torrents that nobody had before than one network may bring in an hour (ABUSE-2).
#[must_use]
pub fn too_many_new_torrents() -> Refusal<'static> {
    let sentence = sentence!(
        "trop de nouveaux torrents depuis votre réseau : réessayez plus tard",
        "too many new torrents from your network: try again later"
    );
    Refusal { code: "too_many_new_torrents", text: sentence.to(None), retry: Retry::Minutes(60) }
}

/// No room for one more torrent (ABUSE-3).
#[must_use]
pub fn tracker_full() -> Refusal<'static> {
    let sentence = sentence!(
        "le tracker est plein : réessayez plus tard",
        "the tracker is full: try again later"
    );
    Refusal { code: "tracker_full", text: sentence.to(None), retry: Retry::Minutes(30) }
}

/// A port where no client belongs (ID-11).
#[must_use]
pub fn port_denied() -> Refusal<'static> {
    let sentence = sentence!(
        "ce port est refusé : choisissez-en un autre dans votre logiciel",
        "this port is refused: choose another in your client"
    );
    Refusal { code: "port_denied", text: sentence.to(None), retry: Retry::Minutes(60) }
}

/// No word from the site for a minute: what runs goes on, nothing new begins (TRK-6).
#[must_use]
pub fn out_of_touch() -> Refusal<'static> {
    let sentence = sentence!(
        "le tracker est coupé du site : réessayez dans quelques minutes",
        "the tracker has lost touch with the site: try again in a few minutes"
    );
    Refusal { code: "out_of_touch", text: sentence.to(None), retry: Retry::Minutes(2) }
}

/// What is put off while more comes than can be answered (ABUSE-10).
#[must_use]
pub fn overloaded() -> Refusal<'static> {
    let sentence = sentence!(
        "le tracker est surchargé : réessayez dans quelques minutes",
        "the tracker is overloaded: try again in a few minutes"
    );
    Refusal { code: "overloaded", text: sentence.to(None), retry: Retry::Minutes(5) }
}

/// A client program that is not welcome, and the team's reason if it gave one (ID-16).
pub(super) fn client_denied(reason: Option<&str>, language: Option<Language>) -> Refusal<'_> {
    let sentence = sentence!(
        "ce logiciel n'est pas accepté ici : voyez la liste sur le site",
        "this client is not accepted here: see the list on the site"
    );
    let text = reason.unwrap_or(sentence.to(language));
    Refusal { code: "client_denied", text, retry: Retry::Minutes(720) }
}

/// What stands before the team's reason.
pub(super) fn client_refused(language: Option<Language>) -> &'static str {
    match language {
        Some(Language::French) => "logiciel refusé ici : ",
        Some(Language::English) => "client refused here: ",
        None => "logiciel refusé ici / client refused here: ",
    }
}

/// A peer id that another connection holds (WS-2).
pub(super) fn peer_id_taken(language: Option<Language>) -> Refusal<'static> {
    let sentence = sentence!(
        "ce peer_id est celui d'une autre connexion",
        "this peer_id belongs to another connection"
    );
    Refusal { code: "peer_id_taken", text: sentence.to(language), retry: Retry::Minutes(3) }
}

/// More torrents on one connection than allowed (WS-4).
#[must_use]
pub fn too_many_swarms() -> Refusal<'static> {
    let sentence =
        sentence!("trop de torrents sur cette connexion", "too many torrents on this connection");
    Refusal { code: "too_many_swarms", text: sentence.to(None), retry: Retry::Minutes(60) }
}
