# SPDX-License-Identifier: EUPL-1.2
"""Who has an old master key and the files of a box: what they read, and what they recognise."""

import contextlib
import ctypes
import re
import sqlite3

SODIUM = ctypes.CDLL("libsodium.so.23")
FIELD, NONCE, LOOKED_AT, EMPTY = 5, 24, 192, bytes(8)  # enum secret_use; XChaCha20-Poly1305: nonce, text, authenticator
STAYS = ("row_key", "public_id", "message_id", "code_id")  # drawn, and not made of the key


def files_of(box):
    return [p for p in sorted(box.folder.rglob("*")) if p.is_file() and p.suffix not in (".log", ".conf")]


def subkey(master, use):
    key = ctypes.create_string_buffer(32)
    assert SODIUM.crypto_kdf_derive_from_key(key, ctypes.c_size_t(32), ctypes.c_uint64(use), b"contracl", master) == 0
    return key.raw


def opened(master, data, needles):
    """Which of the needles the key brings to light, wherever in the bytes something sealed begins: it is deciphered without asking whether
    the authenticator fits, so that nothing has to be known of the form of the file."""
    key, out, found = subkey(master, FIELD), ctypes.create_string_buffer(LOOKED_AT), set()
    look = re.compile(b"|".join(re.escape(needle) for needle in needles)).findall
    whole = (ctypes.c_char * (len(data) + LOOKED_AT)).from_buffer(bytearray(data + bytes(LOOKED_AT)))
    at, one, length = ctypes.addressof(whole), ctypes.c_uint64(1), ctypes.c_ulonglong(LOOKED_AT)
    decipher, pointer = SODIUM.crypto_stream_xchacha20_xor_ic, ctypes.c_void_p
    for nonce in range(len(data) - NONCE):
        if data[nonce:nonce + 8] != EMPTY:  # most of a database is; no nonce begins so
            decipher(out, pointer(at + nonce + NONCE), length, pointer(at + nonce), one, key)
            found.update(look(out))
    return found


def marks(database):
    """All in a database that a key has made: what is sealed, and every tag."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as db:
        tables = [name for name, in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        return {bytes(value): f"{table}.{column}" for table in tables
                for column in [row[1] for row in db.execute(f"PRAGMA table_info({table})")] if column not in STAYS
                for value, in db.execute(f"SELECT {column} FROM {table}")
                if isinstance(value, bytes) and len(value) >= 16 and any(value)}
