"""The parser in a child process (META-11)."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from bottin.lib import confined
from bottin.metainfo import sandbox
from bottin.metainfo.errors import BadPath, MetainfoRefusal, MetainfoTooLarge, ParserCrashed
from bottin.metainfo.limits import Limits
from bottin.metainfo.parser import parse
from bottin.metainfo.sandbox import ParserPool, parse_in_worker
from tests.data.metainfo.corpus import CASES
from tests.data.metainfo.samples import entry, hybrid, torrent, v1_folder, v1_single, v2_torrent

SMALL = torrent(v1_single(), announce=b"http://t.example/a", nodes=[[b"n.example", 1]])
PREPARE = (
    "import sys; sys.path.insert(0, sys.argv[1])\n"
    "from bottin.metainfo import worker; worker.confine()\n"
)


@pytest.fixture(name="pool")
def _pool() -> Iterator[ParserPool]:
    pool = ParserPool(spares=2)
    yield pool
    pool.close()


@pytest.mark.parametrize("raw", [SMALL, torrent(v1_folder()), v2_torrent(), v2_torrent(hybrid())])
def test_meta_11_the_child_reads_a_file_as_we_do(raw: bytes) -> None:
    assert parse_in_worker(raw) == parse(raw)


def test_meta_11_a_refusal_arrives_with_its_context() -> None:
    with pytest.raises(BadPath) as refused:
        parse_in_worker(torrent(v1_folder(entry([b".."], 8))))

    assert refused.value.context == {"path": "..", "reason": "dot_name"}


def test_meta_11_limits_reach_the_child() -> None:
    with pytest.raises(MetainfoRefusal) as refused:
        parse_in_worker(torrent(v1_folder()), Limits(files=1))

    assert refused.value.code == "metainfo.too_many_files"


def test_meta_2_a_large_file_starts_no_child() -> None:
    with pytest.raises(MetainfoTooLarge):
        parse_in_worker(bytes(101), Limits(upload_bytes=100))


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        ("bytearray(600_000_000)", "exit status 1"),
        ("open('/etc/passwd')", "exit status 1"),
        ("import socket; socket.socket()", "exit status 1"),
        ("import os; os.kill(os.getpid(), 9)", "SIGKILL"),
        ("import os; os.abort()", "SIGABRT"),
        ("raise SystemExit(0)", "exit status 0"),
        ("print('Mnonsense')", "answer makes no sense"),
        ("print('Mde')", "answer makes no sense"),
        ("print('R[\"metainfo.nothing\", {}]')", "answer makes no sense"),
        ("print('R' + '[' * 100000)", "answer makes no sense"),
        ("import os; print(dict(os.environ))", "answer makes no sense"),
    ],
)
def test_meta_11_a_child_that_misbehaves_is_a_crash(
    monkeypatch: pytest.MonkeyPatch, deed: str, reason: str
) -> None:
    monkeypatch.setattr(confined, "_START", PREPARE + deed)

    with pytest.raises(ParserCrashed) as crashed:
        parse_in_worker(SMALL)

    assert crashed.value.context == {"reason": reason}


def test_meta_11_a_child_sees_nothing_of_our_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTTIN_SECRET", "s3cret")
    deed = "import os; os._exit(7 if 'BOTTIN_SECRET' in os.environ else 8)"
    monkeypatch.setattr(confined, "_START", PREPARE + deed)

    with pytest.raises(ParserCrashed) as crashed:
        parse_in_worker(SMALL)

    assert crashed.value.context == {"reason": "exit status 8"}


def test_meta_11_a_child_that_loops_is_stopped_by_its_cpu_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short = "import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 2))\nwhile True: pass"
    monkeypatch.setattr(confined, "_START", PREPARE + short)

    with pytest.raises(ParserCrashed) as crashed:
        parse_in_worker(SMALL)

    assert crashed.value.context == {"reason": "SIGXCPU"}


def test_meta_11_a_child_that_sleeps_is_stopped_by_the_wall_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(confined, "_START", PREPARE + "import time; time.sleep(60)")

    with pytest.raises(ParserCrashed) as crashed:
        ParserPool(spares=0, wall_s=0.3).parse(SMALL)

    assert crashed.value.context == {"reason": "too slow"}


def test_meta_11_a_child_that_answers_without_end_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sandbox, "_ANSWER_BYTES", 1_000_000)
    endless = "import sys\nwhile True: sys.stdout.write('M' * 65536)"
    monkeypatch.setattr(confined, "_START", PREPARE + endless)

    with pytest.raises(ParserCrashed):
        parse_in_worker(SMALL)


def test_a_child_cannot_choose_the_info_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = parse(SMALL)

    assert parse_in_worker(SMALL).info_hash == honest.info_hash
    monkeypatch.setattr(confined, "_START", PREPARE + "print('Md4:infoli0ei9999eee')")
    with pytest.raises(ParserCrashed):
        parse_in_worker(SMALL)


def test_a_pool_serves_several_threads_at_once(pool: ParserPool) -> None:
    names: list[str] = []

    def work(number: int) -> None:
        names.append(pool.parse(torrent(v1_single(name=b"n%d" % number))).name)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(names) == [f"n{number}" for number in range(6)]


def test_a_spare_that_died_is_replaced(pool: ParserPool) -> None:
    for child in list(pool._children._waiting):
        child.process.kill()
        child.process.wait()

    assert pool.parse(SMALL).name == "hello.txt"


def test_a_closed_pool_leaves_no_child() -> None:
    pool = ParserPool(spares=2)
    children = [child.process.pid for child in pool._children._waiting]

    pool.close()

    assert [pid for pid in children if Path(f"/proc/{pid}").exists()] == []


def test_a_spare_answers_within_150_ms(pool: ParserPool) -> None:
    pool.parse(SMALL)
    times = []
    for _ in range(5):
        start = time.perf_counter()
        pool.parse(SMALL)
        times.append(time.perf_counter() - start)

    assert min(times) < 0.15


def test_the_corpus_ends_the_same_way_in_a_child(pool: ParserPool) -> None:
    # A tenth of it: a child for each file of the whole would take a minute.
    for case in CASES[:: max(1, len(CASES) // 40)]:
        outcome = ""
        try:
            pool.parse(case.raw)
        except MetainfoRefusal as refusal:
            outcome = refusal.code.removeprefix("metainfo.")

        assert outcome == case.code, case.name


def test_no_descriptor_is_left_open() -> None:
    parse_in_worker(SMALL)
    before = len(list(Path("/proc/self/fd").iterdir()))

    with suppress(MetainfoRefusal):
        parse_in_worker(b"x")
    parse_in_worker(SMALL)

    assert len(list(Path("/proc/self/fd").iterdir())) == before
