"""Starts moto's HTTP server as the tests need it: repaired, watched, and never outliving the test.

The arguments are those of `moto_server`. Two variables of the environment belong to the tests:
`MOTO_CALL_LOG` names a file that is given one line per call, `MOTO_STOP_WITH_STDIN` ends the server when
its standard input is closed, which the death of the test does in every case.
"""

import os
import sys
import threading
from pathlib import Path

# Moto reads these while it is imported.
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"
os.environ["MOTO_ECS_SERVICE_RUNNING"] = "1"

# The repairs are shared with LocalStack's plugin, and lie there.
sys.path.append(str(Path(__file__).parents[2] / "localstack" / "plugin"))

import moto.server
import moto_repairs
from call_log import CallLog


def stop_with_stdin() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    moto_repairs.apply()
    if "MOTO_STOP_WITH_STDIN" in os.environ:
        threading.Thread(target=stop_with_stdin, daemon=True).start()
    if "MOTO_CALL_LOG" in os.environ:
        application = moto.server.DomainDispatcherApplication
        moto.server.DomainDispatcherApplication = lambda create: CallLog(
            application(create), os.environ["MOTO_CALL_LOG"]
        )
    moto.server.main()


main()
