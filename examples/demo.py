"""What scripts/demo needs beside the command line itself: a base image, and a look at what arrived."""
import gzip
import hashlib
import json
import pathlib
import sys


def base(folder):
    """An OCI image layout for two architectures, with nothing inside but the label that says which Fluent Bit it has."""
    blobs = pathlib.Path(folder, "blobs", "sha256")
    blobs.mkdir(parents=True)

    def blob(kind, content):
        content = content if isinstance(content, bytes) else json.dumps(content).encode()
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{digest}", "size": len(content)}

    manifests = []
    for architecture in ["amd64", "arm64"]:
        layer = blob("layer.v1.tar", bytes(1024))  # an archive without a file
        config = {
            "os": "linux",
            "architecture": architecture,
            "config": {"Labels": {"com.aws-for-fluent-bit.fluent-bit.version": "5.0.9"}},
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
        }
        manifest = {"schemaVersion": 2, "config": blob("config.v1+json", config), "layers": [layer]}
        manifest["mediaType"] = "application/vnd.oci.image.manifest.v1+json"
        platform = {"os": "linux", "architecture": architecture}
        manifests.append(blob("manifest.v1+json", manifest) | {"platform": platform})
    index = {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": manifests}
    pathlib.Path(folder, "index.json").write_text(json.dumps(index))
    pathlib.Path(folder, "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


def arrived(log_group):
    """The last event of each log stream of the group, and the objects of all buckets with their first record."""
    import boto3

    def short(text):
        return text if len(text) <= 150 else text[:149] + "…"

    logs = boto3.client("logs")
    streams = logs.describe_log_streams(logGroupName=log_group)["logStreams"]
    for name in (stream["logStreamName"] for stream in streams):
        events, token = [], None
        while True:
            more = {"nextToken": token} if token else {}
            page = logs.get_log_events(logGroupName=log_group, logStreamName=name, startFromHead=True, **more)
            if page["nextForwardToken"] == token:
                break
            events, token = events + page["events"], page["nextForwardToken"]
        print(f"CloudWatch {log_group} {name}: {len(events)} events, such as")
        print(f"  {short(events[-1]['message'])}")
    s3 = boto3.client("s3")
    for bucket in (bucket["Name"] for bucket in s3.list_buckets()["Buckets"]):
        pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
        keys = [item["Key"] for page in pages for item in page.get("Contents", [])]
        content = [s3.get_object(Bucket=bucket, Key=key)["Body"].read() for key in keys]
        content = [gzip.decompress(one) if one[:2] == b"\x1f\x8b" else one for one in content]
        lines = b"".join(content).decode().splitlines()
        print(f"S3 {bucket}: {len(lines)} records in {len(keys)} object{'s' * (len(keys) != 1)}, such as")
        print(f"  {keys[0]}\n  {short(lines[0])}")
    print("(Firehose itself fills in !{…} and compresses the objects; moto does not.)")


if __name__ == "__main__":
    {"base": base, "arrived": arrived}[sys.argv[1]](sys.argv[2])
