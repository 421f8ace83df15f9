"""What talks to labgrid, in a Python that has it: in lines of JSON, and knowing nothing of edgeq.

``python worker.py COORDINATOR PID CONFIG``: PID is edgeq's, and part of the name by which a place is acquired
(``HOST+edgeq.PID/USER``), so that everybody sees who has it, and an edgeq finds what a dead one has left.
When standard input ends, however edgeq ended, the place is released.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import select
import socket
import sys
import time
from typing import Any

_STEP = 0.3
_POWER = {
    "NetworkPowerPort": "NetworkPowerDriver",
    "PDUDaemonPort": "PDUDaemonDriver",
    "TasmotaPowerPort": "TasmotaPowerDriver",
    "NetworkUSBPowerPort": "USBPowerDriver",
    "NetworkSiSPMPowerPort": "SiSPMPowerDriver",
    "NetworkYKUSHPowerPort": "YKUSHPowerDriver",
}
"""Resources that one driver alone switches, as labgrid-client chooses them."""
_SCHEMES = {"raw": "socket", "rfc2217": "rfc2217"}
_EDGEQ = re.compile(r"(?P<host>.+)\+edgeq\.(?P<pid>\d+)/(?P<user>.+)")


class Refused(Exception):
    """What edgeq has to tell.

    Args:
        kind: ``"busy"``, ``"absent"`` or ``"failed"``.
    """

    def __init__(self, kind: str, text: str) -> None:
        super().__init__(text)
        self.kind = kind


class Worker:
    """A connection to the coordinator, and the place that it has.

    Args:
        coordinator: ``HOST:PORT``.
        pid: edgeq's process.
        config: labgrid's environment file, or nothing.
    """

    def __init__(self, coordinator: str, pid: str, config: str) -> None:
        from labgrid.remote.client import start_session

        self._config = config
        self._host = os.environ.get("LG_HOSTNAME") or socket.gethostname()
        os.environ["LG_HOSTNAME"] = f"{self._host}+edgeq.{pid}"
        try:
            self._session = start_session(coordinator)
        except Exception as error:  # labgrid's own are not told from gRPC's
            raise Refused("absent", f"no coordinator answers at {coordinator} ({error})") from error
        self._user = self._session.getuser()
        self._me = f"{self._session.gethostname()}/{self._user}"
        self._name = ""
        self._held = False
        self._token = ""
        self._target: Any = None

    def look(self, name: str, tags: dict[str, str]) -> dict[str, Any]:
        """Whether there is such a place, and this user may have it."""
        self._wanted(name, tags)
        if name and self._session.places[name].acquired:
            self._refuse_others(name)
        return {}

    def acquire(self, name: str, tags: dict[str, str], wait: float) -> dict[str, Any]:
        """Have the place, or one with such tags as soon as one is free and its exporter is there."""
        self._wanted(name, tags)
        end = time.monotonic() + wait
        while True:
            try:
                self._have(name) if name else self._have_any(tags, end)
                console = self._console()
                break
            except Refused as refused:
                self.release()
                if name or refused.kind == "failed" or time.monotonic() > end:
                    raise
                self._rest()
        return {
            "name": self._name,
            "url": console,
            "held": self._held,
            "tags": dict(self._session.places[self._name].tags),
            "resets": self._resetter() is not None,
            "loads": bool(self._config) and self._driver("BootstrapProtocol") is not None,
        }

    def reset(self) -> dict[str, Any]:
        """By a driver for resets, else by switching its power off and on."""
        driver = self._resetter()
        if driver is None:
            raise Refused("failed", f"the place {self._name} has neither reset nor power")
        driver.reset() if hasattr(driver, "reset") else driver.cycle()
        return {}

    def load(self, file: str) -> dict[str, Any]:
        """Put firmware on it, by the driver that the environment file names."""
        self._driver("BootstrapProtocol").load(file)
        return {}

    def release(self) -> None:
        """Give back what was acquired here, and nothing else."""
        if self._token:
            self._ask("CancelReservation", token=self._token)
            self._token = ""
        if self._name and not self._held:
            self._ask("ReleasePlace", placename=self._name, fromuser=self._me)
        self._name, self._held, self._target = "", False, None

    def _ask(self, call: str, **said: Any) -> Any:
        from grpc.aio import AioRpcError
        from labgrid.remote.generated import labgrid_coordinator_pb2 as messages

        request = getattr(messages, call + "Request")(**said)
        try:
            answer = self._run(getattr(self._session.stub, call)(request))
            self._run(self._session.sync_with_coordinator())
        except AioRpcError as error:
            raise Refused("busy" if call == "AcquirePlace" else "failed", error.details()) from error
        return answer

    def _run(self, awaitable: Any) -> Any:
        async def wait() -> Any:
            return await awaitable

        return self._session.loop.run_until_complete(wait())

    def _rest(self) -> None:
        """Let some time pass; ends when edgeq has ended, for then standard input has something: its end."""
        self._run(asyncio.sleep(_STEP))
        if select.select([0], [], [], 0)[0]:
            raise EOFError

    def _wanted(self, name: str, tags: dict[str, str]) -> None:
        places = self._session.places
        known = f"there are: {', '.join(sorted(places)) or 'none'}"
        if name and name not in places:
            raise Refused("absent", f"labgrid has no place {name}; {known}")
        if not name and not any(self._fits(one, tags) for one in places):
            told = ", ".join(f"{key}={value}" for key, value in tags.items())
            raise Refused("absent", f"no place of labgrid's has {told}; {known}")

    def _fits(self, name: str, tags: dict[str, str]) -> bool:
        return tags.items() <= {**self._session.places[name].tags, "name": name}.items()

    def _refuse_others(self, name: str) -> None:
        """Go on where the place is this user's: acquired by hand, or by an edgeq that is no more."""
        owner = self._session.places[name].acquired
        if owner == f"{self._host}/{self._user}" or self._is_left(owner):
            return
        ours = _EDGEQ.fullmatch(owner)
        if ours and (ours["host"], ours["user"]) == (self._host, self._user):
            raise Refused("busy", f"the place {name} is in use by another edgeq (process {ours['pid']})")
        raise Refused(
            "busy", f"the place {name} is acquired by {owner}, and not by you ({self._host}/{self._user})"
        )

    def _is_left(self, owner: str) -> bool:
        """Whether an edgeq of this user's on this machine acquired it, and has ended."""
        ours = _EDGEQ.fullmatch(owner)
        if ours is None or (ours["host"], ours["user"]) != (self._host, self._user):
            return False
        try:
            os.kill(int(ours["pid"]), 0)
        except ProcessLookupError:
            return True
        except OSError:
            pass
        return False

    def _free_if_left(self, name: str) -> None:
        owner = self._session.places[name].acquired
        if owner and self._is_left(owner):
            self._ask("ReleasePlace", placename=name, fromuser=owner)

    def _have(self, name: str) -> None:
        self._free_if_left(name)
        if self._session.places[name].acquired:
            self._refuse_others(name)
            self._held = True
        else:
            self._ask("AcquirePlace", placename=name)
        self._name = name
        os.environ["LG_HOSTNAME"] = self._host if self._held else self._me.partition("/")[0]

    def _have_any(self, tags: dict[str, str], end: float) -> None:
        from labgrid.remote.common import Reservation, ReservationState
        from labgrid.remote.generated.labgrid_coordinator_pb2 import Reservation as Message

        for one in list(self._session.places):
            if self._fits(one, tags):
                self._free_if_left(one)
        answer = self._ask("CreateReservation", filters={"main": Message.Filter(filter=tags)}, prio=0.0)
        self._token = answer.reservation.token
        while True:
            found = Reservation.from_pb2(answer.reservation)
            if found.state is ReservationState.allocated:
                break
            if found.state is not ReservationState.waiting or time.monotonic() > end:
                told = ", ".join(f"{key}={value}" for key, value in tags.items())
                raise Refused("busy", f"no place with {told} was free in time")
            self._rest()
            answer = self._ask("PollReservation", token=self._token)
        self._have(found.allocations["main"][0])
        # It has served: left alone it would keep the place for a minute after its release.
        self._ask("CancelReservation", token=self._token)
        self._token = ""

    def _console(self) -> str:
        """The URL of the place's console."""
        place = self._session.places[self._name]
        try:
            resources = self._session.get_target_resources(place).values()
        except Exception as error:  # labgrid's UserError and ServerError have no other common base
            raise Refused("absent", f"the place {self._name} has lost a resource: {error}") from error
        consoles = [one for one in resources if one.cls == "NetworkSerialPort" and one.avail]
        if not consoles:
            raise Refused(
                "absent", f"the place {self._name} has no NetworkSerialPort now: is its exporter up?"
            )
        if len(consoles) > 1:
            raise Refused("failed", f"the place {self._name} has {len(consoles)} serial ports")
        said = consoles[0].args
        scheme = _SCHEMES.get(said.get("protocol", "rfc2217"))
        if scheme is None:
            raise Refused("failed", f"the place {self._name} speaks {said['protocol']}, not raw or rfc2217")
        host = f"[{said['host']}]" if ":" in said["host"] else said["host"]
        return f"{scheme}://{host}:{said['port']}"

    def _driver(self, protocol: str) -> Any:
        """The place's driver of a protocol; None where it has none."""
        from labgrid import Environment as LabEnvironment
        from labgrid import Target
        from labgrid.exceptions import NoDriverFoundError
        from labgrid.remote.client import find_role_by_place
        from labgrid.resource.remote import RemotePlace, RemotePlaceManager

        if self._target is None:
            manager = RemotePlaceManager.get()
            manager.session, manager.loop = self._session, self._session.loop
            if self._config:
                environment = LabEnvironment(self._config)
                role = find_role_by_place(environment.config.get_targets(), self._name)
                self._target = environment.get_target(role) if role else None
            if self._target is None:
                self._target = Target(self._name)
                RemotePlace(self._target, name=self._name)
        try:
            return self._target.get_driver(protocol)
        except NoDriverFoundError:
            return None

    def _resetter(self) -> Any:
        from labgrid.factory import target_factory

        for protocol in ("ResetProtocol", "PowerProtocol"):
            driver = self._driver(protocol)
            if driver is not None:
                return driver
        for resource in list(self._target.resources):
            name = _POWER.get(type(resource).__name__)
            if name is not None:
                driver = target_factory.make_driver(self._target, name, None, {})
                self._target.activate(driver)
                return driver
        return None


def main() -> None:
    """Answer until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # labgrid prints
    worker = None
    try:
        while line := sys.stdin.readline():
            said = json.loads(line)
            do = said.pop("do")
            try:
                worker = worker or Worker(*sys.argv[1:4])
                answer = getattr(worker, do)(**said)
            except ModuleNotFoundError as error:
                answer = {"missing": error.name}
            except Refused as error:
                answer = {"error": str(error), "kind": error.kind}
            except EOFError:
                break
            except Exception as error:  # a driver's, and edgeq's to tell
                answer = {"error": f"{type(error).__name__}: {error}", "kind": "failed"}
            answers.write(json.dumps(answer) + "\n")
    except BrokenPipeError:
        pass
    finally:
        if worker is not None:
            worker.release()
    os._exit(0)  # gRPC's threads are not waited for


if __name__ == "__main__":
    main()
