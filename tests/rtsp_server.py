"""A small real RTSP server on loopback: MPEG-4 video over interleaved TCP (RFC 2326, RTP payload of RFC 6416).

It can be killed and started again on the same port, can go silent while it keeps the connection, and can accept a
connection without ever answering: the three ways in which a network camera disappoints.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from pathlib import Path

import cv2
import numpy as np

FRAMES_PER_S = 25
_CLOCK_HZ = 90_000
_PAYLOAD_BYTES = 1400
_VOP_START = b"\x00\x00\x01\xb6"


def write_video(path: Path, frames: int = 50, size: tuple[int, int] = (320, 240), fps: float = FRAMES_PER_S) -> Path:
    """A clip of a red left half, a blue right half and a white bar that walks down."""
    width, height = size
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, size)
    assert writer.isOpened()
    for number in range(frames):
        picture = np.zeros((height, width, 3), np.uint8)
        picture[:, : width // 2] = (0, 0, 200)
        picture[:, width // 2 :] = (200, 0, 0)
        top = number * (height - 16) // max(1, frames - 1)
        picture[top : top + 16] = 255
        writer.write(picture)
    writer.release()
    return path


def elementary_frames(folder: Path) -> list[bytes]:
    """The MPEG-4 access units of `write_video`, cut out of an AVI file; the first begins with the VOL header."""
    data = write_video(folder / "stream.avi").read_bytes()
    position = data.index(b"movi") + 4
    units: list[bytes] = []
    while data[position : position + 4] == b"00dc":
        (size,) = struct.unpack_from("<I", data, position + 4)
        units.append(data[position + 8 : position + 8 + size])
        position += 8 + size + size % 2
    return units


class RtspServer:
    """Serves `frames` in a loop at rtsp://127.0.0.1:PORT/shelf to any number of clients."""

    def __init__(self, frames: list[bytes], port: int = 0) -> None:
        self._frames = frames
        self._config = frames[0][: frames[0].index(_VOP_START)]
        self._listener = socket.create_server(("127.0.0.1", port), reuse_port=False)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"rtsp://127.0.0.1:{self.port}/shelf"
        #: Set: connections stay open, but no RTP packet leaves.
        self.silent = threading.Event()
        #: Set: requests are read and never answered.
        self.mute = threading.Event()
        self.players = 0
        self._stopped = threading.Event()
        self._open: set[socket.socket] = set()
        self._threads = [threading.Thread(target=self._accept, name="rtsp-accept", daemon=True)]
        self._threads[0].start()

    def kill(self) -> None:
        """As if someone pulled the plug of the server's process: all sockets close at once."""
        self._stopped.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.add(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), name="rtsp-client", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        lock = threading.Lock()
        over = threading.Event()
        sender: threading.Thread | None = None
        try:
            with connection, contextlib.suppress(OSError):
                pending = b""
                while chunk := connection.recv(4096):
                    pending += chunk
                    # RTCP reports of the client come as $ channel length data between the requests.
                    while pending:
                        if pending[:1] == b"$":
                            if len(pending) < 4 or len(pending) < 4 + int.from_bytes(pending[2:4], "big"):
                                break
                            pending = pending[4 + int.from_bytes(pending[2:4], "big") :]
                            continue
                        head, found, rest = pending.partition(b"\r\n\r\n")
                        if not found:
                            break
                        pending = rest
                        request = head.decode("ascii")
                        if self.mute.is_set():
                            continue
                        with lock:
                            connection.sendall(self._answer(request))
                        if request.startswith("PLAY ") and sender is None:
                            sender = threading.Thread(target=self._send, args=(connection, lock, over), daemon=True)
                            sender.start()
                        if request.startswith("TEARDOWN "):
                            return
        finally:
            over.set()
            if sender is not None:
                sender.join(5)
            self._open.discard(connection)

    def _answer(self, request: str) -> bytes:
        lines = request.split("\r\n")
        method = lines[0].split(" ")[0]
        pairs = (line.partition(":") for line in lines[1:])
        headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
        status, extra, body = "200 OK", [], ""
        if method == "OPTIONS":
            extra = ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN, GET_PARAMETER"]
        elif method == "DESCRIBE":
            body = "\r\n".join(
                [
                    "v=0", "o=- 0 0 IN IP4 127.0.0.1", "s=shelf", "c=IN IP4 127.0.0.1", "t=0 0",
                    "m=video 0 RTP/AVP 96", "a=rtpmap:96 MP4V-ES/90000", f"a=framerate:{FRAMES_PER_S}",
                    f"a=fmtp:96 profile-level-id=1;config={self._config.hex().upper()}", "a=control:track0", "",
                ]
            )  # fmt: skip
            extra = [f"Content-Base: {self.url}/", "Content-Type: application/sdp", f"Content-Length: {len(body)}"]
        elif method == "SETUP":
            if "TCP" in headers.get("transport", ""):
                extra = ["Transport: RTP/AVP/TCP;unicast;interleaved=0-1", "Session: 1"]
            else:
                status = "461 Unsupported Transport"
        else:
            extra = ["Session: 1"]
        head = [f"RTSP/1.0 {status}", f"CSeq: {headers.get('cseq', '0')}", *extra]
        return "\r\n".join([*head, "", body]).encode("ascii")

    def _send(self, connection: socket.socket, lock: threading.Lock, over: threading.Event) -> None:
        self.players += 1
        sequence = 0
        number = 0
        due = time.monotonic()
        with contextlib.suppress(OSError):
            while not over.is_set():
                if self.silent.is_set():
                    over.wait(0.02)
                    due = time.monotonic()
                    continue
                unit = self._frames[number % len(self._frames)]
                for start in range(0, len(unit), _PAYLOAD_BYTES):
                    last = start + _PAYLOAD_BYTES >= len(unit)
                    header = struct.pack(
                        ">BBHII", 0x80, 96 | (0x80 if last else 0), sequence & 0xFFFF,
                        number * _CLOCK_HZ // FRAMES_PER_S & 0xFFFFFFFF, 0x5C0DE,
                    )  # fmt: skip
                    packet = header + unit[start : start + _PAYLOAD_BYTES]
                    with lock:
                        connection.sendall(b"$\x00" + struct.pack(">H", len(packet)) + packet)
                    sequence += 1
                number += 1
                due += 1 / FRAMES_PER_S
                over.wait(max(0.0, due - time.monotonic()))
