"""The names of languages that translation models use: ISO 639-1 ("fr"), ISO 639-3 ("fra"), FLORES-200
("fra_Latn", NLLB) and mBART's ("fr_XX")."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

_TABLE = """
    af:afr am:amh ar:arb,ara as:asm ast:ast az:azj,aze ba:bak be:bel bg:bul bm:bam bn:ben bo:bod br:bre bs:bos
    ca:cat ceb:ceb cs:ces cy:cym da:dan de:deu dz:dzo ee:ewe el:ell en:eng eo:epo es:spa et:est,ekk eu:eus
    fa:pes,fas fi:fin fj:fij fo:fao fr:fra ga:gle gd:gla gl:glg gn:grn,gug gu:guj ha:hau he:heb hi:hin hr:hrv
    ht:hat hu:hun hy:hye id:ind ig:ibo ilo:ilo is:isl it:ita ja:jpn,jap jv:jav ka:kat kab:kab kg:kon ki:kik
    kk:kaz km:khm kn:kan ko:kor ku:kmr,kur ky:kir lb:ltz lg:lug li:lim ln:lin lo:lao lt:lit lv:lvs,lav
    mg:plt,mlg mi:mri mk:mkd ml:mal mn:khk,mon mr:mar ms:zsm,msa mt:mlt my:mya ne:npi,nep nl:nld nn:nno
    no:nob,nor,nb ns:nso,nso ny:nya oc:oci om:gaz,orm or:ory,ori pa:pan pl:pol ps:pbt,pus pt:por rn:run
    ro:ron,rum ru:rus rw:kin sa:san sc:srd sd:snd sg:sag si:sin sk:slk sl:slv sm:smo sn:sna so:som sq:als,sqi
    sr:srp ss:ssw st:sot su:sun sv:swe sw:swh,swa ta:tam te:tel tg:tgk th:tha ti:tir tk:tuk tl:tgl,fil tn:tsn
    tr:tur ts:tso tt:tat tw:twi ug:uig uk:ukr ur:urd uz:uzn,uzb vi:vie wa:wln wo:wol xh:xho yi:ydd,yid yo:yor
    zh:zho,cmn,chi zu:zul
"""
"""Each language's short code and the other ones by which models call it."""

_SCRIPTS = {"hans": "Hans", "cn": "Hans", "sg": "Hans", "hant": "Hant", "tw": "Hant", "hk": "Hant"}
"""What a Chinese code's second part says of its script."""

_CODE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z]{2,4}){0,2}", re.ASCII)


@cache
def _short() -> dict[str, str]:
    """Any code to the short one."""
    made: dict[str, str] = {}
    for row in _TABLE.split():
        short, others = row.split(":")
        made |= {other: short for other in others.split(",")} | {short: short}
    return made


def language_of(code: str) -> str:
    """The short code of a language ("fr") for any code of it: "fr-CA", "fra", "fra_Latn", "fr_XX", "FR". A
    language that the table does not have keeps its first part."""
    first = re.split(r"[-_]", code.strip(), maxsplit=1)[0].lower()
    return _short().get(first, first)


def is_code(text: str) -> bool:
    """Whether this looks like the code of a language."""
    return _CODE.fullmatch(text.strip()) is not None


def script_of(code: str) -> str | None:
    """The script that a code asks for ("Latn", "Hans"), None when it says nothing."""
    parts = re.split(r"[-_]", code.strip())[1:]
    for part in parts:
        if language_of(code) == "zh" and part.lower() in _SCRIPTS:
            return _SCRIPTS[part.lower()]
        if len(part) == 4:
            return part.title()
    return None


def match(wanted: str, codes: Iterable[str]) -> str | None:
    """The one of a model's own codes that means the language `wanted`: the same code, else one of the same
    script, else (Chinese in simplified characters unless asked otherwise) the first one. None when none
    does."""
    same = [code for code in codes if language_of(code) == language_of(wanted)]
    exact = [code for code in same if code.lower().replace("-", "_") == wanted.lower().replace("-", "_")]
    script = script_of(wanted) or ("Hans" if language_of(wanted) == "zh" else None)
    scripted = [code for code in same if script is not None and script_of(code) == script]
    return next(iter([*exact, *scripted, *same]), None)


def normal(code: str) -> str:
    """The code that results name a language by: the short one, for Chinese with its script where the code
    says it ("zh-Hant" for "zh_TW")."""
    short, script = language_of(code), script_of(code)
    return f"{short}-{script}" if short == "zh" and script is not None else short
