"""A game server's client of Carrier's SDK, made with Google's own library and compiler.

usage: carrier_client.py SDK_PROTO FOLDER HOST GRPC_PORT HTTP_PORT

Plays everything that the SDK promises against a running one, and writes one line for each thing that it has seen. Ends
with 1 and the reason at the first that is not as it should be.
"""
import faulthandler
import http.client
import json
import pathlib
import sys
import threading
import time

import grpc
from grpc_tools import protoc

PREFIX = "umpire.dev/sdk-"
WATCHES = 1000


def stubs(proto, folder):
    """Compiles the messages and the service, as a studio does."""
    proto = pathlib.Path(proto)
    well_known = pathlib.Path(protoc.__file__).parent / "_proto"
    code = protoc.main(
        ["protoc", f"-I{proto.parent}", f"-I{well_known}", f"--python_out={folder}", f"--grpc_python_out={folder}", str(proto)])
    check(code == 0, "the service is compiled")
    sys.path.insert(0, folder)
    import sdk_pb2
    import sdk_pb2_grpc

    return sdk_pb2, sdk_pb2_grpc


def check(holds, what):
    if not holds:
        sys.exit(f"FAILED: {what}")
    print("ok:", what, flush=True)


def refusal(call, *arguments, **options):
    """The code and text with which a call is refused."""
    try:
        call(*arguments, **options)
    except grpc.RpcError as error:
        return error.code().name, error.details()
    sys.exit("FAILED: the call was not refused")


class Game:
    def __init__(self, messages, services, target):
        self.messages = messages
        self.channel = grpc.insecure_channel(target, options=[("grpc.use_local_subchannel_pool", 1)])
        self.sdk = services.SDKStub(self.channel)

    def get(self):
        return self.sdk.GetGameServer(self.messages.Empty(), timeout=30)

    def pair(self, key, value):
        return self.messages.KeyValue(key=key, value=value)


def play_states(game, other):
    state = game.get()
    check(state.object_meta.name == "arena-1" and state.status.state == "Ready",
          f"GetGameServer: {state.object_meta.namespace}/{state.object_meta.name} is {state.status.state}")
    check(list(state.spec.deletable_gates) == ["DeleteAllowed"], f"its deletable gates: {list(state.spec.deletable_gates)}")
    check(state.object_meta.creation_timestamp > 1_600_000_000, "its time of creation is in seconds")

    watch = game.sdk.WatchGameServer(game.messages.Empty())
    first = next(watch)
    check(first.object_meta.uid == state.object_meta.uid, "WatchGameServer: the present state comes first")
    other.sdk.SetLabel(other.pair("mode", "ranked"), timeout=30)
    second = next(watch)
    check(second.object_meta.labels[PREFIX + "mode"] == "ranked", f"a change follows: {PREFIX}mode=ranked")
    watch.cancel()
    check(watch.code() == grpc.StatusCode.CANCELLED, "the watcher leaves")


def play_changes(game):
    game.sdk.SetAnnotation(game.pair("carrier.ocgi.dev/sdk-note", "two words"), timeout=30)
    game.sdk.SetCondition(game.pair("MapLoaded", "True"), timeout=30)
    game.sdk.SetCondition(game.pair("DeleteAllowed", "True"), timeout=30)
    state = game.get()
    check(state.object_meta.annotations[PREFIX + "note"] == "two words", f"SetAnnotation: {PREFIX}note='two words'")
    conditions = {condition.type: condition.status for condition in state.status.conditions}
    check(conditions == {"MapLoaded": "True", "DeleteAllowed": "True"}, f"SetCondition: {conditions}")
    game.sdk.SetCondition(game.pair("DeleteAllowed", "true"), timeout=30)
    conditions = {condition.type: condition.status for condition in game.get().status.conditions}
    check(conditions["DeleteAllowed"] == "False", "a value that is not exactly True is False")


def play_refusals(game):
    for call, pair, code in [
        (game.sdk.SetLabel, game.pair("mode", "no spaces"), "INVALID_ARGUMENT"),
        (game.sdk.SetLabel, game.pair("", "x"), "INVALID_ARGUMENT"),
        (game.sdk.SetAnnotation, game.pair("a", "x" * 40_000), "INVALID_ARGUMENT"),
        (game.sdk.SetAnnotation, game.pair("a", "x" * 100_000), "RESOURCE_EXHAUSTED"),
        (game.sdk.SetCondition, game.pair("Ready", "True"), "PERMISSION_DENIED"),
    ]:
        seen, text = refusal(call, pair, timeout=30)
        check(seen == code, f"{code}: {text[:90]}")
    unknown = game.channel.unary_unary("/carrier.dev.sdk.SDK/Other", request_serializer=bytes)
    check(refusal(unknown, b"", timeout=30)[0] == "UNIMPLEMENTED", "UNIMPLEMENTED: a method that there is not")
    for limit in (0.05, 0.5):
        # The server that the test runs never stores this one.
        seen, _ = refusal(game.sdk.SetAnnotation, game.pair("hold", "x"), timeout=limit)
        check(seen == "DEADLINE_EXCEEDED", f"DEADLINE_EXCEEDED after {limit} s")
    call = game.sdk.SetAnnotation.future(game.pair("hold", "x"))
    call.cancel()
    check(call.cancelled(), "a call is cancelled")
    check(game.get().object_meta.name == "arena-1", "the connection is still good")


def play_two_at_once(games):
    def play(index):
        for turn in range(50):
            games[index].sdk.SetLabel(games[index].pair(f"turn-{index}", str(turn)), timeout=30)

    threads = [threading.Thread(target=play, args=(index,)) for index in range(len(games))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    labels = games[0].get().object_meta.labels
    check([labels[f"{PREFIX}turn-{index}"] for index in range(len(games))] == ["49"] * len(games),
          "two clients at once: each one's last change is stored")


def play_many_watches(games):
    watches = [games[index % len(games)].sdk.WatchGameServer(games[0].messages.Empty()) for index in range(WATCHES)]
    check(all(next(watch).object_meta.name == "arena-1" for watch in watches), f"{WATCHES} watches have begun")
    start = time.monotonic()
    games[0].sdk.SetLabel(games[0].pair("mode", "casual"), timeout=60)
    for watch in watches:
        while next(watch).object_meta.labels[PREFIX + "mode"] != "casual":
            pass
    check(True, f"all of them are told of a change, the last after {time.monotonic() - start:.2f} s")
    for watch in watches:
        watch.cancel()
    check(all(watch.code() == grpc.StatusCode.CANCELLED for watch in watches), "all of them leave")


def play_http(host, port):
    def ask(method, path, body=None):
        connection = http.client.HTTPConnection(host, port, timeout=30)
        connection.request(method, path, body)
        answer = connection.getresponse()
        result = answer.status, json.loads(answer.read() or "null"), answer.headers
        connection.close()
        return result

    status, state, _ = ask("GET", "/gameserver")
    check(status == 200 and state["objectMeta"]["name"] == "arena-1", "GET /gameserver: 200")
    check(isinstance(state["objectMeta"]["creationTimestamp"], str), "its 64-bit integers are strings")
    watch = http.client.HTTPConnection(host, port, timeout=30)
    watch.request("GET", "/watch/gameserver")
    lines = watch.getresponse()
    check("result" in json.loads(lines.readline()), "GET /watch/gameserver: the present state comes first")
    status, answer, _ = ask("PUT", "/metadata/annotation", json.dumps({"key": "by", "value": "http", "more": [1]}))
    check((status, answer) == (200, {}), "PUT /metadata/annotation: 200 {}")
    told = json.loads(lines.readline())["result"]["objectMeta"]["annotations"]
    check(told[PREFIX + "by"] == "http", f"a change follows: {PREFIX}by=http")
    watch.close()
    for method, path, body, wanted in [
        ("PUT", "/metadata/label", '{"key":"a","value":"no spaces"}', (400, 3)), ("PUT", "/condition", "{", (400, 3)),
        ("PUT", "/condition", '{"key":"Ready","value":"True"}', (403, 7)), ("POST", "/gameserver", "{}", (405, 12)),
        ("GET", "/other", None, (404, 5)),
    ]:
        status, answer, headers = ask(method, path, body)
        check((status, answer["code"]) == wanted, f"{method} {path}: {status} {answer['message'][:60]} {headers['Allow'] or ''}")


def main():
    # Before the test gives up: where it hangs.
    faulthandler.dump_traceback_later(50)
    proto, folder, host, grpc_port, http_port = sys.argv[1:]
    messages, services = stubs(proto, folder)
    target = f"{host}:{grpc_port}"
    games = [Game(messages, services, target) for _ in range(2)]
    play_states(*games)
    play_changes(games[0])
    play_refusals(games[0])
    play_two_at_once(games)
    # A server takes a client for an attacker that leaves very many calls on one connection at once.
    play_many_watches([Game(messages, services, target) for _ in range(10)])
    play_http(host, int(http_port))
    # One that never leaves: the test stops the server under it.
    watch = games[0].sdk.WatchGameServer(messages.Empty())
    next(watch)
    print("waiting for the end", flush=True)
    try:
        for _ in watch:
            pass
        sys.exit("FAILED: the watch ended without a status")
    except grpc.RpcError as error:
        check(error.code().name == "UNAVAILABLE", f"the end of the server: UNAVAILABLE: {error.details()}")
    print("done", flush=True)


main()
