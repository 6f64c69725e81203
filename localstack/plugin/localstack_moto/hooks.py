"""What happens once, before LocalStack serves anything."""

import os
import sys
import threading

import moto_repairs
from localstack.runtime import hooks


@hooks.on_infra_start()
def mend_moto() -> None:
    moto_repairs.apply()


@hooks.on_infra_start(should_load=lambda: "LOCALSTACK_MOTO_STOP_WITH_STDIN" in os.environ)
def stop_with_stdin() -> None:
    """For programs that start LocalStack for themselves: it ends when its input is closed, as by their death."""

    def wait() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=wait, daemon=True).start()
