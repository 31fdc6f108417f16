"""`posko up`, `down` and `status` keep their promises, with everything real."""

from __future__ import annotations

import os
import re
import signal
import stat
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import psutil
import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from posko import topics
from tests import processes

from .conftest import Instance, free_ports, posko

Up = Callable[..., AbstractContextManager[Instance]]


@pytest.fixture(scope="module")
def base() -> int:
    return free_ports()


@pytest.fixture(scope="module")
def instance(posko_up: Up, base: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    with posko_up(tmp_path_factory.mktemp("up") / "instance", base, "--partitions", "2") as running:
        yield running


def test_status_shows_each_service_with_its_process_lag_and_counts(instance: Instance) -> None:
    status = instance.status()
    services = {service["name"]: service for service in status["services"]}
    assert list(services) == ["kafka", "engine", "stream-1", "sink", "gateway", "board"]
    assert {service["state"] for service in services.values()} == {"running"}
    assert all(psutil.pid_exists(service["pid"]) and service["memory"] > 10_000_000 for service in services.values())
    assert (status["running"], status["phase"], status["problems"]) == (True, "running", [])
    assert {stage["lag"] for stage in status["lag"]} == {0}
    assert status["counts"]["reports"] == 0
    assert status["clickhouse"].endswith(f":{services['engine']['port']}")


def test_passwords_are_the_owners_alone_and_nowhere_else(instance: Instance) -> None:
    path = Path(instance.status()["passwords"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(instance.data.stat().st_mode) == 0o700
    password = instance.settings.clickhouse_password.get_secret_value()
    assert len(password) >= 32
    told = [posko("status", "--json", "--data", str(instance.data)).stdout, instance.log.read_text()]
    told += [file.read_text(errors="replace") for file in (instance.data / "logs").iterdir()]
    told += [(instance.data / name).read_text() for name in ("instance.json", "state.json")]
    assert not any(password in text for text in told)


def test_a_second_up_on_the_same_data_is_refused_with_the_pid(instance: Instance) -> None:
    for options in ((), ("--detach",)):
        refused = posko("up", "--data", str(instance.data), *options, check=False)
        assert refused.returncode == 2
        assert f"already running in {instance.data} (pid {instance.running.pid})" in _text(refused.stderr)


def test_a_port_in_use_is_named_with_service_and_holder_and_nothing_is_started(
    instance: Instance, base: int, tmp_path: Path
) -> None:
    refused = posko("up", "--data", str(tmp_path / "other"), "--port-base", str(base), check=False)
    assert refused.returncode == 2
    said = _text(refused.stderr)
    assert f"port {base} for kafka is in use by java (pid {instance.service('kafka').pid})" in said
    assert f"port {base + 2} for engine is in use by" in said
    assert not (tmp_path / "other" / "kafka").exists()


def test_another_number_of_partitions_or_election_is_refused(instance: Instance, tmp_path: Path) -> None:
    (tmp_path / "instance.json").write_text((instance.data / "instance.json").read_text())
    refused = posko("up", "--data", str(tmp_path), "--port-base", str(free_ports()), "--partitions", "5", check=False)
    assert refused.returncode == 2
    assert "was made with partitions 2, not 5" in _text(refused.stderr)


@pytest.mark.parametrize("name", ["sink", "stream-1", "engine", "kafka"])
def test_a_service_that_is_killed_is_started_again(instance: Instance, name: str) -> None:
    before = instance.service(name)
    assert before.pid
    os.kill(before.pid, signal.SIGKILL)
    instance.until(lambda: instance.service(name).restarts > before.restarts)
    instance.until(lambda: instance.service(name).state == "running" and instance.service(name).pid != before.pid)
    assert f"{name}" in instance.log.read_text()
    assert "was killed by SIGKILL; starting again in" in _text(instance.log.read_text())


def test_down_and_up_goes_on_where_it_was_and_two_instances_run_side_by_side(
    instance: Instance, posko_up: Up, tmp_path: Path
) -> None:
    data, ports = tmp_path / "second", free_ports()
    with posko_up(data, ports, "--election", "sijunjung-2024") as first:
        assert instance.status()["running"]
        assert first.status()["election"] == "sijunjung-2024"
        _send(first.settings.kafka_address, b"not a report")
        stopped = posko("down", "--data", str(data))
        assert "Stopped" in stopped.stdout
        assert first.running.wait(60) == 0
    left = [
        process for process in psutil.process_iter(["cmdline"]) if str(data) in " ".join(process.info["cmdline"] or [])
    ]
    assert left == []
    assert posko("status", "--data", str(data), check=False).returncode == 3
    with posko_up(data, free_ports()) as again:  # on other ports, too
        assert again.status()["election"] == "sijunjung-2024"
        assert _values(again.settings.kafka_address) == [b"not a report"]


def test_children_end_with_a_supervisor_that_is_killed_and_up_works_again(posko_up: Up, tmp_path: Path) -> None:
    data = tmp_path / "killed"
    with posko_up(data, free_ports()) as instance:
        children = psutil.Process(instance.running.pid).children(recursive=True)
        instance.running.kill()
        instance.running.wait()
        assert len(children) >= 4
        _, alive = psutil.wait_procs(children, timeout=30)
        assert alive == []
    with posko_up(data, free_ports()) as again:
        assert again.status()["running"]


def test_external_kafka_is_used_instead_of_the_embedded_one(posko_up: Up, tmp_path: Path) -> None:
    with (
        processes.broker(tmp_path / "kafka", free_ports()) as kafka,
        posko_up(tmp_path / "external", free_ports(), env={"POSKO_KAFKA": kafka}) as instance,
    ):
        assert [service["name"] for service in instance.status()["services"]] == [
            "engine",
            "stream-1",
            "sink",
            "gateway",
            "board",
        ]
        assert instance.status()["kafka"] == kafka  # noted: no variable is set here
        assert not (instance.data / "kafka").exists()


def _send(address: str, value: bytes) -> None:
    producer = KafkaProducer(bootstrap_servers=address)
    producer.send(topics.REPORTS, value, partition=0).get(30)
    producer.close()


def _values(address: str) -> list[bytes]:
    consumer = KafkaConsumer(bootstrap_servers=address)
    partition = TopicPartition(topics.REPORTS, 0)
    consumer.assign([partition])
    consumer.seek_to_beginning()
    end = consumer.end_offsets([partition])[partition]
    found = []
    while consumer.position(partition) < end:
        found += [record.value for records in consumer.poll(1000).values() for record in records]
    consumer.close()
    return found


def _text(said: str) -> str:
    """What was said, whatever the lines were broken at."""
    return re.sub(r"\s+", " ", said)
