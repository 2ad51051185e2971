"""Requests to an S3-compatible object store, signed (AWS Signature Version 4), by path style."""
import datetime
import hashlib
import hmac
import os
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

NAMESPACE = "{http://s3.amazonaws.com/doc/2006-03-01/}"


class StoreError(Exception):
    """The store refused, or could not be reached."""


class Bucket:
    """Objects below a prefix `s3://BUCKET/FOLDER`, with the credentials of the environment."""

    def __init__(self, prefix):
        url = urllib.parse.urlsplit(prefix)
        self.endpoint = os.environ.get("AWS_ENDPOINT", "").rstrip("/")
        if url.scheme != "s3" or not url.netloc:
            raise StoreError(f"{prefix} is no place in S3")
        if not self.endpoint:
            raise StoreError("AWS_ENDPOINT is not set, and AWS itself cannot be reached from here")
        self.key_id = os.environ.get("AWS_ACCESS_KEY_ID", "")
        self.secret = os.environ.get("AWS_SECRET_ACCESS_KEY", "")
        self.region = os.environ.get("AWS_REGION") or "us-east-1"
        self.bucket = url.netloc
        self.folder = url.path.strip("/")

    def put(self, name, content):
        """Stores an object."""
        self.request("PUT", self.path(name), content)

    def get(self, name):
        """Gives an object, or None where there is none."""
        try:
            return self.request("GET", self.path(name))
        except urllib.error.HTTPError as error:
            if error.code == 404:
                return None
            raise StoreError(f"{error.code} for {name}") from None

    def list(self, folder):
        """Names below a folder of the prefix, with the times when they were stored."""
        prefix = f"{self.folder}/{folder}/"
        found, token = [], ""
        while True:
            query = {"list-type": "2", "prefix": prefix}
            if token:
                query["continuation-token"] = token
            tree = ElementTree.fromstring(self.request("GET", f"/{self.bucket}", query=query))
            for one in tree.iter(f"{NAMESPACE}Contents"):
                name = one.findtext(f"{NAMESPACE}Key")[len(self.folder) + 1:]
                found.append((name, one.findtext(f"{NAMESPACE}LastModified")))
            token = tree.findtext(f"{NAMESPACE}NextContinuationToken")
            if not token:
                return found

    def path(self, name):
        return urllib.parse.quote(f"/{self.bucket}/{self.folder}/{name}")

    def request(self, method, path, content=b"", query=None):
        text = urllib.parse.urlencode(sorted((query or {}).items()), quote_via=urllib.parse.quote,
                                      safe="")
        headers = self.signed(method, path, text, hashlib.sha256(content).hexdigest())
        url = f"{self.endpoint}{path}{'?' if text else ''}{text}"
        request = urllib.request.Request(
            url, data=content if method == "PUT" else None, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            if error.code == 404:
                raise
            raise StoreError(f"the store answers {error.code}") from None
        except OSError as error:
            raise StoreError(f"the store cannot be reached: {error}") from None

    def signed(self, method, path, query, digest):
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        host = urllib.parse.urlsplit(self.endpoint).netloc
        headers = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": now}
        names = ";".join(sorted(headers))
        lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
        canonical = "\n".join([method, path, query, lines, names, digest])
        scope = f"{now[:8]}/{self.region}/s3/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", now, scope,
                          hashlib.sha256(canonical.encode()).hexdigest()])
        key = f"AWS4{self.secret}".encode()
        for part in [now[:8], self.region, "s3", "aws4_request", text]:
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return {**headers, "authorization": f"AWS4-HMAC-SHA256 Credential={self.key_id}/{scope}, "
                                            f"SignedHeaders={names}, Signature={key.hex()}"}
