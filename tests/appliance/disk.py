# SPDX-License-Identifier: EUPL-1.2
"""A disk with a cache that a power cut loses, served by NBD: what was not flushed is gone, but for a part drawn by chance,
as any of it may have reached the disk in any order. The image itself is never written."""

import os
import socket
import struct
import threading

BLOCK = 4096  # what is written whole or not at all; the machine is told to write no less
GREETING = struct.Struct(">8s8sH")
OPTION = struct.Struct(">8sII")
OPTION_REPLY = struct.Struct(">QIII")
REQUEST = struct.Struct(">IHHQQI")
REPLY = struct.Struct(">IIQ")
GO, INFO, ABORT = 7, 6, 2
ACK, INFO_REPLY, UNSUPPORTED = 1, 3, 0x80000001
READ, WRITE, DISCONNECT, FLUSH = 0, 1, 2, 3
HAS_FLAGS, HAS_FLUSH, HAS_FUA = 1, 4, 8
FUA = 1


class Disk:
    def __init__(self, image, path):
        self.path = path
        self.image = os.open(image, os.O_RDONLY)
        self.size = os.fstat(self.image).st_size
        self.safe, self.cached = {}, {}  # blocks: as a cut leaves them, and as they are
        self.written = 0                 # bytes, since it was made
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(1)
        threading.Thread(target=self.serve, daemon=True).start()

    def cut(self, chance):
        """Once the machine is dead: of what nobody has flushed some blocks are there, and some are not."""
        self.safe.update((number, block) for number, block in self.cached.items() if chance.random() < 0.5)
        self.cached.clear()

    def close(self):
        self.listener.close()
        os.close(self.image)

    def serve(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            with client:
                try:
                    self.greet(client)
                    self.answer(client)
                except (ConnectionError, EOFError):
                    pass

    def greet(self, client):
        client.sendall(GREETING.pack(b"NBDMAGIC", b"IHAVEOPT", 3))
        receive(client, 4)
        while True:
            _, option, length = OPTION.unpack(receive(client, OPTION.size))
            receive(client, length)
            if option in (GO, INFO):
                told = struct.pack(">HQH", 0, self.size, HAS_FLAGS | HAS_FLUSH | HAS_FUA)
                client.sendall(OPTION_REPLY.pack(0x3E889045565A9, option, INFO_REPLY, len(told)) + told)
                told = struct.pack(">HIII", 3, BLOCK, BLOCK, 1 << 20)
                client.sendall(OPTION_REPLY.pack(0x3E889045565A9, option, INFO_REPLY, len(told)) + told)
            client.sendall(OPTION_REPLY.pack(0x3E889045565A9, option, ACK if option in (GO, INFO, ABORT) else UNSUPPORTED, 0))
            if option == GO:
                return
            if option == ABORT:
                raise EOFError

    def answer(self, client):
        while True:
            _, flags, command, cookie, offset, length = REQUEST.unpack(receive(client, REQUEST.size))
            data = b""
            if command == READ:
                data = b"".join(self.block(number) for number in blocks(offset, length))
            elif command == WRITE:
                self.write(offset, receive(client, length), flags & FUA)
            elif command == FLUSH:
                self.safe.update(self.cached)
                self.cached.clear()
            elif command == DISCONNECT:
                return
            client.sendall(REPLY.pack(0x67446698, 0, cookie) + data)

    def block(self, number):
        found = self.cached.get(number) or self.safe.get(number)
        return found or os.pread(self.image, BLOCK, number * BLOCK)

    def write(self, offset, data, is_safe):
        self.written += len(data)
        for at, number in enumerate(blocks(offset, len(data))):
            block = data[at * BLOCK:(at + 1) * BLOCK]
            if is_safe:
                self.cached.pop(number, None)
                self.safe[number] = block
            else:
                self.cached[number] = block


def blocks(offset, length):
    assert offset % BLOCK == 0 and length % BLOCK == 0, (offset, length)
    return range(offset // BLOCK, (offset + length) // BLOCK)


def receive(client, length):
    data = bytearray()
    while len(data) < length:
        piece = client.recv(length - len(data))
        if not piece:
            raise EOFError
        data += piece
    return bytes(data)
