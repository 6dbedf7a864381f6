"""ISO 4217: the currencies that are in use, and how many decimals each has (List One, amendment 177)."""

from __future__ import annotations

from types import MappingProxyType

_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"
_TWO_DECIMALS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE "
    "CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
    "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR "
    "MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK "
    "SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD "
    "XCG YER ZAR ZMW ZWG"
)

#: Decimals of each currency: a price of 1.99 EUR is 199 minor units, one of 199 JPY is 199.
DECIMALS = MappingProxyType(
    dict.fromkeys(_NO_DECIMALS.split(), 0)
    | dict.fromkeys(_TWO_DECIMALS.split(), 2)
    | dict.fromkeys(_THREE_DECIMALS.split(), 3)
    | dict.fromkeys(_FOUR_DECIMALS.split(), 4)
)

#: Decimals of a price without a currency.
DECIMALS_WITHOUT_CURRENCY = 2

#: Signs in a price cell. Where several currencies share one, all are listed and the column `currency` has to say which;
#: a lone `$` is read as USD.
SIGNS = MappingProxyType(
    {
        "€": ("EUR",),
        "£": ("GBP",),
        "$": ("USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD", "TWD", "ARS", "CLP", "COP"),
        "US$": ("USD",),
        "¥": ("JPY", "CNY"),
        "円": ("JPY",),
        "元": ("CNY",),
        "₩": ("KRW",),
        "₹": ("INR",),
        "₽": ("RUB",),
        "₺": ("TRY",),
        "₴": ("UAH",),
        "₫": ("VND",),
        "฿": ("THB",),
        "₪": ("ILS",),
        "zł": ("PLN",),
        "Kč": ("CZK",),
        "Ft": ("HUF",),
        "R$": ("BRL",),
        "kr": ("SEK", "NOK", "DKK", "ISK"),
        "Fr.": ("CHF",),
    }
)
