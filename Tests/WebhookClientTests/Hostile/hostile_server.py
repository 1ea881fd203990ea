#!/usr/bin/env python3
"""A webhook server that misbehaves in every way that a client must survive, one port for each way.

usage: hostile_server.py FOLDER NAME…

FOLDER holds the certificates NAME.pem and keys NAME.key. The ports are printed as one line of JSON, and the server runs
until it is killed or whoever started it is gone. `statistics` is a port that answers with what was counted.
"""
import gzip
import json
import os
import socket
import ssl
import struct
import sys
import threading
import time

FOLDER = sys.argv[1]
counts = {}
counts_lock = threading.Lock()


def count(name, what, amount=1):
    with counts_lock:
        key = f"{name}.{what}"
        counts[key] = counts.get(key, 0) + amount


def read_exactly(connection, number):
    data = b""
    while len(data) < number:
        piece = connection.recv(number - len(data))
        if not piece:
            raise ConnectionError
        data += piece
    return data


def read_request(connection):
    """The head and the body of an HTTP/1.1 request."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    return head, body + read_exactly(connection, length - len(body))


def review(body, **response):
    answer = {"uid": json.loads(body)["request"]["uid"], "allowed": True}
    answer.update(response)
    return json.dumps({"response": answer}).encode()


def respond(connection, body, status="200 OK", fields=""):
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{fields}Content-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)


def reset(connection):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def linger(connection):
    """Stays until the peer has gone, so that no end of a connection hides how it was used."""
    while connection.recv(65536):
        pass


# HTTP/1.1


def healthy(connection, name):
    while True:
        _, body = read_request(connection)
        respond(connection, review(body))


def silent(connection, name):
    linger(connection)


def trickle(connection, name):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    for _ in range(30):
        connection.sendall(b" ")
        time.sleep(0.25)


def reset_in_mid_answer(connection, name):
    _, body = read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    reset(connection)


def endless_body(connection, name):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"4000\r\n" + b" " * 0x4000 + b"\r\n")


def endless_headers(connection, name):
    read_request(connection)
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")


def gzip_bomb(connection, name):
    head, _ = read_request(connection)
    if b"gzip" not in head:
        raise ConnectionError
    respond(connection, gzip.compress(b" " * (64 << 20)), fields="Content-Encoding: gzip\r\n")
    linger(connection)


def compressed(connection, name):
    while True:
        _, body = read_request(connection)
        respond(connection, gzip.compress(review(body, reason="x" * 900)), fields="Content-Encoding: gzip\r\n")


def damaged_gzip(connection, name):
    while True:
        read_request(connection)
        # A header, and a block of a kind that does not exist.
        respond(connection, gzip.compress(b"")[:10] + b"\xff" * 40, fields="Content-Encoding: gzip\r\n")


def wrong_uid(connection, name):
    while True:
        _, body = read_request(connection)
        respond(connection, review(body, uid="another"))


def null_response(connection, name):
    while True:
        read_request(connection)
        respond(connection, b'{"response": null}')


def no_response(connection, name):
    while True:
        read_request(connection)
        respond(connection, b"{}")


def wrong_types(connection, name):
    while True:
        _, body = read_request(connection)
        respond(connection, review(body, allowed="yes"))


def deeply_nested(connection, name):
    while True:
        read_request(connection)
        respond(connection, b"[" * 500_000)


def server_errors(connection, name):
    while True:
        read_request(connection)
        count(name, "requests")
        respond(connection, b"out of order", "500 Internal Server Error")


def redirect_loop(connection, name):
    while True:
        read_request(connection)
        count(name, "requests")
        respond(connection, b"", "307 Temporary Redirect", f"Location: http://127.0.0.1:{ports[name]}/\r\n")


def closes_idle(connection, name):
    """Answers once, and drops the connection when the next request has come: the worst moment."""
    _, body = read_request(connection)
    respond(connection, review(body))
    read_request(connection)
    count(name, "dropped")


def not_http(connection, name):
    read_request(connection)
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


def one_answer_each(connection, name):
    """A new connection, and so a new handshake, for each request."""
    _, body = read_request(connection)
    if isinstance(connection, ssl.SSLSocket):
        count(name, "resumed" if connection.session_reused else "full")
    respond(connection, review(body), fields="Connection: close\r\n")


def statistics(connection, name):
    while True:
        read_request(connection)
        with counts_lock:
            respond(connection, json.dumps(counts).encode())


# HTTP/2, as much as a server needs that reads no header.

DATA, HEADERS, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 4, 6, 7, 8
STATUS_200 = b"\x88"  # An entry of HPACK's static table.


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + struct.pack(">BBI", kind, flags, stream) + payload


def read_frame(connection):
    head = read_exactly(connection, 9)
    kind, flags, stream = struct.unpack(">BBI", head[3:])
    return kind, flags, stream & 0x7FFFFFFF, read_exactly(connection, int.from_bytes(head[:3], "big"))


def begin_h2(connection):
    if connection.selected_alpn_protocol() != "h2":
        raise ConnectionError
    read_exactly(connection, 24)
    connection.sendall(frame(SETTINGS, 0, 0))


def requests_h2(connection):
    """The stream and the body of each request, as each is complete."""
    bodies = {}
    while True:
        kind, flags, stream, payload = read_frame(connection)
        if kind == SETTINGS and not flags & 1:
            connection.sendall(frame(SETTINGS, 1, 0))
        elif kind == PING and not flags & 1:
            connection.sendall(frame(PING, 1, 0, payload))
        elif kind in (HEADERS, DATA):
            if kind == DATA and payload:
                bodies[stream] = bodies.get(stream, b"") + payload
                connection.sendall(frame(WINDOW_UPDATE, 0, 0, struct.pack(">I", len(payload))))
            if flags & 1:
                yield stream, bodies.pop(stream, b"")


def respond_h2(connection, stream, body):
    connection.sendall(frame(HEADERS, 4, stream, STATUS_200) + frame(DATA, 1, stream, body))


def multiplexed(connection, name):
    """Answers only when twenty requests are there at once, which one connection must carry; last come, first served."""
    begin_h2(connection)
    count(name, "connections")
    waiting = []
    for request in requests_h2(connection):
        waiting.append(request)
        if len(waiting) == 20:
            while waiting:
                stream, body = waiting.pop()
                respond_h2(connection, stream, review(body))


def goaway_in_mid_stream(connection, name):
    begin_h2(connection)
    for stream, _ in requests_h2(connection):
        connection.sendall(frame(HEADERS, 4, stream, STATUS_200) + frame(DATA, 0, stream, b"{"))
        connection.sendall(frame(GOAWAY, 0, 0, struct.pack(">II", stream, 2)))
        return


def goaway_before_the_answer(connection, name):
    """Refuses the second request of each connection by a GOAWAY that does not count it."""
    begin_h2(connection)
    last = 0
    for stream, body in requests_h2(connection):
        if last:
            connection.sendall(frame(GOAWAY, 0, 0, struct.pack(">II", last, 0)))
            count(name, "refused")
            return
        last = stream
        respond_h2(connection, stream, review(body))


def context(certificate, alpn=("http/1.1",)):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(f"{FOLDER}/{certificate}.pem", f"{FOLDER}/{certificate}.key")
    made.set_alpn_protocols(list(alpn))
    return made


def old_context(certificate):
    made = context(certificate)
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.minimum_version = ssl.TLSVersion.TLSv1
    made.maximum_version = ssl.TLSVersion.TLSv1
    return made


PLAIN = [
    healthy, silent, trickle, reset_in_mid_answer, endless_body, endless_headers, gzip_bomb, compressed, damaged_gzip,
    wrong_uid, null_response, no_response, wrong_types, deeply_nested, server_errors, redirect_loop, closes_idle,
    not_http, one_answer_each, statistics,
]
SECURE = {
    "secure": lambda: (context("server"), healthy),
    "resumed": lambda: (context("server"), one_answer_each),
    "expired": lambda: (context("expired"), healthy),
    "wrong_host": lambda: (context("stranger"), healthy),
    "self_signed": lambda: (context("self"), healthy),
    "old_tls": lambda: (old_context("server"), healthy),
    "multiplexed": lambda: (context("server", ["h2"]), multiplexed),
    "goaway_in_mid_stream": lambda: (context("server", ["h2"]), goaway_in_mid_stream),
    "goaway_before_the_answer": lambda: (context("server", ["h2"]), goaway_before_the_answer),
}
ports = {}
fillers = []


def serve(connection, name, handler, secure):
    try:
        connection.settimeout(30)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if secure:
            connection = secure.wrap_socket(connection, server_side=True)
        handler(connection, name)
    except (OSError, ConnectionError, ValueError, KeyError):
        pass
    finally:
        connection.close()


def accept(listener, name, handler, secure):
    while True:
        connection, _ = listener.accept()
        count(name, "accepted")
        threading.Thread(target=serve, args=(connection, name, handler, secure), daemon=True).start()


def listen(name, backlog=512):
    listener = socket.create_server(("127.0.0.1", 0), backlog=backlog)
    ports[name] = listener.getsockname()[1]
    return listener


def never_accepts():
    """A queue of connections that is full: the kernel answers no further attempt."""
    listener = listen("never_accepts", backlog=0)
    fillers.append(listener)
    for _ in range(4):
        filler = socket.socket()
        filler.setblocking(False)
        filler.connect_ex(("127.0.0.1", ports["never_accepts"]))
        fillers.append(filler)


def main():
    for name in sys.argv[2:]:
        if name == "never_accepts":
            never_accepts()
            continue
        plain = {handler.__name__: handler for handler in PLAIN}
        secure, handler = (None, plain[name]) if name in plain else SECURE[name]()
        threading.Thread(target=accept, args=(listen(name), name, handler, secure), daemon=True).start()
    print(json.dumps(ports), flush=True)
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(0.2)


main()
