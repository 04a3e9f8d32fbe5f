"""RabbitMQ for the rehearsal with Celery, where Debian's package is installed."""

import os
import shutil
import socket
import subprocess
from pathlib import Path

from tests.servers import Server, free_ports

PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
"""What the package's own script runs once it has become the user rabbitmq."""


class RabbitServer(Server):
    """A node of its own on free ports of the loopback; a halt loses all it had."""

    def __init__(self) -> None:
        super().__init__()
        self.port, self.node_port, self.names_port = free_ports(3)
        self.url = f"amqp://guest:guest@127.0.0.1:{self.port}//"

    def start(self) -> None:
        self.run()

    def run(self) -> None:
        """Start the node, with nothing in it."""
        shutil.rmtree(self.folder / "node", ignore_errors=True)
        own = {
            "HOME": str(self.folder),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self.names_port),
            "RABBITMQ_NODENAME": "rehearsal@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(self.node_port),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "node"),
            "RABBITMQ_LOG_BASE": str(self.folder / "node"),
            "RABBITMQ_PID_FILE": str(self.folder / "node.pid"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
        }
        self.launch([PROGRAM], env=os.environ | own)
        self.wait_until(self._listens, refusals=(OSError,))

    def stop(self) -> None:
        """End the node, and the table of names that it has started beside it."""
        super().stop()
        names = os.environ | {"ERL_EPMD_PORT": str(self.names_port)}
        subprocess.run(["epmd", "-kill"], env=names, stdout=subprocess.DEVNULL)

    def _listens(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=2) as line:
            line.sendall(b"AMQP\0\0\x09\1")
            if not line.recv(1):
                raise ConnectionError("the node closed the line")
