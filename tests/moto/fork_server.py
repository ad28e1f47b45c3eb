"""A fork server for moto: a fresh, empty cloud for each test, in milliseconds.

Importing moto and filling its caches takes seconds of CPU. This process does it once; each cloud is a fork of it, with a
port of its own. Clouds share nothing, so tests need not know of each other.

    fork_server.py SOCKET   listens on a Unix socket. Each connection starts a cloud and gets its address as one line; the
                            cloud lives until the connection is closed. Prints `ready` once it listens, and ends when its
                            standard input does.
    fork_server.py          one cloud: prints its address, and ends when its standard input does.
"""

import functools
import gc
import os
import selectors
import signal
import socket
import sys
import threading

# Before moto is imported: tasks of a service run at once, and the policies that AWS manages are there.
os.environ["MOTO_ECS_SERVICE_RUNNING"] = "1"
os.environ["MOTO_IAM_LOAD_MANAGED_POLICIES"] = "true"

import as_aws
import moto.backends
import moto.core.responses
import werkzeug.serving
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server
from werkzeug.test import Client

# What is only read leaves nothing behind but filled caches, and what every account has: AWS's policies, a default network.
WARM_REGIONS = ["eu-central-1", "eu-west-1"]
JSON_CALLS = {
    "ecs": "AmazonEC2ContainerServiceV20141113.ListClusters",
    "logs": "Logs_20140328.DescribeLogGroups",
    "firehose": "Firehose_20150804.ListDeliveryStreams",
    "kinesis": "Kinesis_20131202.ListStreams",
    "ecr": "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories",
    "tagging": "ResourceGroupsTaggingAPI_20170126.GetResources",
    "secretsmanager": "secretsmanager.ListSecrets",
    "ssm": "AmazonSSM.DescribeParameters",
    "kms": "TrentService.ListKeys",
}
QUERY_CALLS = {
    "iam": "Action=ListRoles&Version=2010-05-08",
    "sts": "Action=GetCallerIdentity&Version=2011-06-15",
    "ec2": "Action=DescribeSubnets&Version=2016-11-15",
    "cloudformation": "Action=ListStacks&Version=2010-05-15",
}


def main():
    quicken()
    as_aws.correct()
    app = DomainDispatcherApplication(create_backend_app)
    if len(sys.argv) == 1:
        serve(app, sys.stdin.buffer, lambda line: (sys.stdout.write(line), sys.stdout.flush()))
    warm(app)
    # What is there now is there in each cloud: collecting garbage need not look at it, nor copy its pages.
    gc.collect()
    gc.freeze()
    # A cloud lives for seconds: its garbage may pile up.
    gc.set_threshold(100_000)
    # A cloud that has ended needs nobody to wait for it.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(sys.argv[1])
    listener.listen(64)
    print("ready", flush=True)
    threading.Thread(target=end_with, args=(sys.stdin.buffer,), daemon=True).start()
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            serve(app, connection.makefile("rb"), lambda line: connection.sendall(line.encode()))
        connection.close()


def quicken():
    """Takes away what each request waits for or works out anew, for the same answer."""
    # Which of its folders are services: 190 looks at the disk.
    moto.backends.list_of_moto_modules = functools.partial(iter, tuple(moto.backends.list_of_moto_modules()))
    # The methods of a service's class.
    moto.core.responses.method_names_from_class = functools.cache(moto.core.responses.method_names_from_class)
    # After each answer, 10 ms for what a client may still send: enough for one that was refused early, but ours all send
    # their requests whole.
    werkzeug.serving.selectors = type("Selectors", (), {"DefaultSelector": AtOnce, "EVENT_READ": selectors.EVENT_READ})


class AtOnce(selectors.DefaultSelector):
    def select(self, timeout=None):
        return super().select(0)


def warm(app):
    client = Client(app)

    def call(service, region, **request):
        scope = f"Credential=test/20261122/{region}/{service}/aws4_request"
        headers = {
            "Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
            **request.pop("headers", {}),
        }
        client.open(path="/", base_url="http://127.0.0.1:1", headers=headers, **request)

    for region in WARM_REGIONS:
        for service, target in JSON_CALLS.items():
            headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
            call(service, region, method="POST", data=b"{}", headers=headers)
        for service, form in QUERY_CALLS.items():
            content = "application/x-www-form-urlencoded"
            call(service, region, method="POST", data=form, headers={"Content-Type": content})
        call("s3", region, method="GET")


def serve(app, lifeline, say):
    """Serves a cloud until the lifeline is closed, and ends the process."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    say(f"127.0.0.1:{server.server_port}\n")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    end_with(lifeline)


def end_with(lifeline):
    while lifeline.read(1):
        pass
    os._exit(0)


class Quiet(MotoRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_):
        pass


main()
