"""Signs that stand in for Latin letters: look-alikes of other scripts, and what disguises a letter on any keyboard.

`LOOKALIKES` holds what Unicode's confusables.txt (UTS 39, version 15.1) calls confusable with one Latin letter, of
Latin, Greek, Cyrillic, Armenian, Cherokee, Coptic and Lisu letters; beside them stand small capitals and the small
letters of Cyrillic whose capitals look Latin. Styled letters (bold, circled, of full width) are no matter of this
table: NFKC knows them.
"""

LOOKALIKES = {
    "a": "ɑΑαАаᎪᴀꓮ",
    "b": "ƄʙΒВЬвᏏᏴꓐꞴ",
    "c": "СсᏟᴄⲤⲥꓚꮯ",
    "d": "ԁᎠᏧᴅꓒꓓ",
    "e": "ΕЕеҽᎬᴇꓰꬲ",
    "f": "ϜքẝꓝꞘꞙꬵ𝈓",
    "g": "ƍɡɢԌցᏀᏳᶃꓖ",
    "h": "ʜΗНнһհᎻᏂⲎꓧ",
    "i": "ıɩɪΙιІіӀӏᎥꙇꭵ",
    "j": "ͿϳЈјᎫᴊꓙꞲ",
    "k": "ΚКкᏦᴋⲔꓗ",
    "l": "ƖǀʟᏞⲒⳐꓡꓲ𝈪",
    "m": "ΜϺМмᎷᴍⲘꓟ",
    "n": "ɴΝոռⲚꓠ",
    "o": "ΟοσОоՕօᴏᴑⲞⲟꓳꬽ",
    "p": "ΡρРрᏢᴘⲢⲣꓑ",
    "q": "ԛգզ",
    "r": "ƦʀгᎡᏒᴦⲅꓣꭇꭈꮁ𝈖",
    "s": "ƽЅѕՏᏕᏚꓢꜱꮪ",
    "t": "ΤТтᎢᴛⲦꓔ",
    "u": "ʋυՍսᴜꓴꞟꭎꭒ",
    "v": "νѴѵᏙᴠꓦꮩ𝈍",
    "w": "ɯѡԜԝաᎳᏔᴡꓪꮃ",
    "x": "ΧХхⲬꓫꞳ",
    "y": "ɣʏΥγУуҮүᎩᎽᶌỿⲨꓬꭚ",
    "z": "ΖᏃᴢꓜꮓ𐋵",
}

LATIN = {sign: letter for letter, signs in LOOKALIKES.items() for sign in signs}

DISGUISES = {
    "a": "4@*",
    "b": "8",
    "e": "3*",
    "g": "9",
    "i": "1!|*",
    "l": "1|",
    "o": "0*",
    "s": "5$",
    "t": "7+",
    "u": "*",
    "z": "2",
}
"""Digits and signs that are written for a letter."""
