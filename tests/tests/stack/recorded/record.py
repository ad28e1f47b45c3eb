"""Writes down what a firelens-kit changes on AWS: a proxy in front of moto. See README.md beside it.

usage: record.py MOTO_URL CALLS.json
"""
import http.client
import http.server
import json
import re
import sys
import urllib.parse

moto, path = urllib.parse.urlsplit(sys.argv[1]), sys.argv[2]
READS = re.compile(r"^(Describe|List|Get|BatchGet|BatchCheck|Head|Assume|Filter)")
calls, names = [], {}


def known(kind, text):
    """Ids that moto makes up get a name, by their first appearance: what plays the calls back puts its own ones there."""
    for found in re.findall(rf"\b{kind}-[0-9a-f]{{8,17}}\b", text):
        number = sum(name.startswith(f"${{{kind}-") for name in names.values())
        names.setdefault(found, f"${{{kind}-{number}}}")


def anonymous(text):
    for found, name in names.items():
        text = text.replace(found, name)
    return text


class Proxy(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def serve(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        service = self.headers.get("authorization", "////").split("Credential=")[-1].split("/")[3]
        target = self.headers.get("x-amz-target", "")
        form = dict(urllib.parse.parse_qsl(body.decode(errors="replace"))) if service in ("ec2", "iam", "sts") else {}
        operation = target.split(".")[-1] or form.get("Action") or self.command
        upstream = http.client.HTTPConnection(moto.hostname, moto.port)
        headers = {key: value for key, value in self.headers.items() if key.lower() != "connection"}
        upstream.request(self.command, self.path, body, headers)
        answer = upstream.getresponse()
        content = answer.read()
        if service == "ec2":
            for kind in ("vpc", "subnet", "sg"):
                known(kind, content.decode())
        if answer.status < 300 and operation not in ("GET", "HEAD") and not READS.match(operation):
            kept = {key.lower(): value for key, value in headers.items()}
            kept = {key: value for key, value in kept.items() if key == "content-type" or key.startswith("x-amz-")}
            passing = ("x-amz-date", "x-amz-user-agent", "x-amz-content-sha256", "x-amz-target", "x-amz-security-token")
            kept = {key: value for key, value in kept.items() if key not in passing and "checksum" not in key}
            text = anonymous(body.decode())
            call = {"call": f"{service}:{operation}", "method": self.command, "path": self.path, "target": target}
            call |= {"headers": kept, "body": json.loads(text) if target else text}
            calls.append(call)
            with open(path, "w") as file:
                file.write(json.dumps(calls, indent=1) + "\n")
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in ("connection", "transfer-encoding", "content-length"):
                self.send_header(key, value)
        self.send_header("Content-Length", answer.getheader("content-length") if self.command == "HEAD" else len(content))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = serve

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
print(server.server_port, flush=True)
server.serve_forever()
