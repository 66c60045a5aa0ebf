"""The words by which a field and a place in a text are matched: those of names, keys and headings, with the
common words for the same thing made one."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from nearside.specialists.schema import Field

_SAME = """
    number no nr n num nummer numero numéro №
    email mail e-mail courriel
    phone tel telephone telefon mobile mobil cell handy telefono téléphone
    url website web homepage site link webseite
    invoice rechnung facture factura fattura
    date datum fecha data dated
    total amount sum betrag summe gesamt gesamtbetrag montant importe totale
    subtotal net netto zwischensumme
    tax vat mwst ust tva iva
    due payable fällig faellig échéance vencimiento deadline
    customer client kunde buyer cliente
    supplier vendor seller lieferant fournisseur sender merchant
    birth born birthday dob geboren geburtsdatum
    name fullname
    company employer organisation organization firma firm business
    position title role job occupation
    address adresse street
    city town ort ville ciudad
    country land pays
    quantity qty count menge pcs units
    price cost unit preis prix
    description item product article artikel service bezeichnung
    order bestellung commande purchase po
    account konto
    skill technology
    language sprache
    start begin from since
    end until to
    time hour
    currency währung
    reference ref
    discount rabatt
    subject betreff re
    paid bezahlt
    salary pay wage
    percent rate percentage
    id identifier
"""
_LITTLE = """
    the a an of for and or in on is are was at by with this that its your our any der die das des und le la
    les de du el
"""
_EMPTY = frozenset(word for line in _LITTLE.splitlines() for word in line.split())


@cache
def _canonical() -> dict[str, str]:
    rows = [row.split() for row in _SAME.strip().splitlines()]
    return {_plain(word): _plain(row[0]) for row in rows for word in row}


def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in folded if not unicodedata.combining(char))


_PHRASES = re.compile(r"\b(?:bill(?:ed)?|sold|invoice) to\b", re.IGNORECASE)
_DEADLINE = re.compile(
    r"\b(?:please )?(?:pay|paid|payment|reply|respond|return)(?: it)? (?:by|before|until)\b", re.IGNORECASE
)
_COMPOUND = re.compile(r"(\w{3,}?)s?(datum|nummer|nr|betrag|preis)")


def _parts(word: str) -> tuple[str, ...]:
    """The parts of a German compound ("rechnungsdatum") whose last one is in the table."""
    found = None if word in _canonical() else _COMPOUND.fullmatch(word)
    return (word,) if found is None else (found[1], found[2])


@lru_cache(maxsize=8192)
def words(text: str) -> frozenset[str]:
    """The words of a name ("invoiceNumber", "due_date") or a key ("Invoice No."), made one where they mean
    the same."""
    text = _DEADLINE.sub("due", text)
    text = re.sub("e-mail", "email", _PHRASES.sub("customer", text), flags=re.IGNORECASE)
    apart = re.sub(r"(?<=[a-zß-ÿ0-9])(?=[A-Z])", " ", text)
    made = set()
    for word in re.findall(r"[^\W_]+|№|#", apart):
        for part in _parts(_plain("number" if word == "#" else word)):
            plain = _canonical().get(part) or _canonical().get(part.rstrip("s"), part)
            if plain not in _EMPTY and not plain.isdigit():
                made.add(_singular(plain))
    return frozenset(made)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def likeness(key: frozenset[str], field: Field, around: frozenset[str] = frozenset()) -> float:
    """How well a key's words name a field, 0 to 1: what they share of both (Dice); the words of the
    description, and of the object that it is in (`around`), may be in the key too."""
    wanted = words(field.name)
    if not key or not wanted:
        return 0.0
    said = words(field.description)
    shared = key & wanted
    more = (key - wanted) & (said | around)
    if not shared:
        return 0.3 if key <= said else 0.0
    if shared <= _GENERAL and key - wanted - more and wanted - key:
        return 0.0  # "due date" is another date than "invoice date"
    return (2 * len(shared) + len(more)) / (len(key) + len(wanted))


_GENERAL = frozenset(
    (
        "date",
        "number",
        "name",
        "total",
        "time",
        "address",
        "email",
        "phone",
        "id",
        "identifier",
        "code",
        "price",
    )
)
"""Words that say what kind of thing it is, not which one."""

_KINDS_BY_FORMAT = {"email": "email", "url": "url", "phone": "phone", "iban": "iban", "time": "time"}
_MONEY = frozenset(("total", "subtotal", "tax", "price", "salary", "fee", "balance", "discount", "budget"))
_IDENTIFIER = frozenset(("number", "id", "code", "reference", "order", "sku"))


def kinds(field: Field) -> tuple[str, ...]:
    """Which finds (see `patterns.find`) can be a field's value, the likeliest first; none for free text."""
    named = words(field.name)
    if field.choices or field.kind in ("boolean", "object", "array"):
        return ()
    if field.kind == "date":
        return ("date",)
    if field.kind in ("number", "integer"):
        return _numeric(field, named)
    if field.format in _KINDS_BY_FORMAT:
        return (_KINDS_BY_FORMAT[field.format],)
    for word, kind in (("email", "email"), ("url", "url"), ("iban", "iban"), ("phone", "phone")):
        if word in named:
            return (kind,)
    if named & {"date", "birth"}:
        return ("date",)
    if "time" in named:
        return ("time",)
    return ("identifier", "number") if named & _IDENTIFIER else ()


def _numeric(field: Field, named: frozenset[str]) -> tuple[str, ...]:
    if named & {"percent", "percentage"}:
        return ("percent", "number")
    if field.kind == "number" and named & (_MONEY | words(field.description) & _MONEY):
        return ("money", "number")
    return ("number",) if field.kind == "integer" else ("number", "money", "percent")


_ENTITIES: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (frozenset(("company", "supplier", "brand", "bank", "university", "school")), ("ORG",)),
    (frozenset(("city", "country", "place", "location", "region", "venue")), ("LOC",)),
    (frozenset(("person", "author", "contact", "candidate", "manager", "signatory", "attendee")), ("PER",)),
    (frozenset(("customer", "name", "people")), ("PER", "ORG")),
)


def entity_types(field: Field) -> tuple[str, ...]:
    """Which entities can be a field's value; see `types.Entity`."""
    if field.kind != "string" or field.format or field.choices or kinds(field):
        return ()
    named = words(field.name)
    return next((types for cues, types in _ENTITIES if named & cues), ())
