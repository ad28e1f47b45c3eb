/** Configurations and lines to begin with. */
import type { State } from "./share.js";

export interface Example extends State {
  title: string;
}

const DESTINATIONS = `
[destination.cloudwatch]
type = "cloudwatch_logs"
log_group = "/ecs/shop/app"

[destination.archive]
type = "firehose"                   # -> S3
`;

const ROUTES = `
[[route]]                           # the first that matches decides
name = "health-checks"
match = { user_agent = { prefix = "ELB-HealthChecker" } }
drop = true

[[route]]
name = "failures"
match = [{ kind = "error", level = ">=error" }, { status = "5xx" }]
to = ["cloudwatch", "archive"]

[[route]]                           # the last one takes everything else
name = "rest"
to = "archive"
${DESTINATIONS}`;

export const EXAMPLES: Example[] = [
  {
    title: "Apache httpd: combined",
    config: `name = "shop"

[[container]]                       # whose lines are parsed
name = "httpd"
stdout = ["combined"]               # LogFormats or nicknames, tried in order
stderr = ["httpd_error"]            # httpd 2.4's and 2.2's own layouts
${ROUTES}`,
    lines: `203.0.113.7 - - [22/Nov/2026:07:38:31 +0000] "GET /shop/cart?item=42 HTTP/1.1" 200 5120 "https://shop.example.com/" "Mozilla/5.0 (X11; Linux x86_64)"
10.0.0.12 - - [22/Nov/2026:07:38:32 +0000] "GET /up HTTP/1.1" 200 2 "-" "ELB-HealthChecker/2.0"
198.51.100.23 - ada [22/Nov/2026:07:38:33 +0000] "POST /shop/checkout HTTP/2.0" 503 312 "https://shop.example.com/shop/cart" "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X)"
2001:db8::7 - - [22/Nov/2026:07:38:34 +0000] "GET /.git/config HTTP/1.1" 404 196 "-" "curl/8.5.0"
192.0.2.44 - - [22/Nov/2026:07:38:35 +0000] "\\x16\\x03\\x01\\x02" 400 226 "-" "-"
this line is no access line
`,
    container: "httpd",
    stream: "stdout",
  },
  {
    title: "Virtual hosts, with time taken",
    config: `name = "shop"
timezone = "Europe/Berlin"

[[container]]
name = "httpd"
stdout = ['%v:%p %a %l %u %t "%r" %>s %O %D "%{Referer}i" "%{User-Agent}i"', "vhost_combined"]

[[route]]
name = "slow"
match = { duration_us = ">=1000000" }
to = ["cloudwatch", "archive"]

[[route]]
name = "rest"
to = "archive"

[privacy]
mask_clients = true
query_parameters = ["token"]
${DESTINATIONS}`,
    lines: `www.example.com:443 203.0.113.7 - - [22/Nov/2026:08:38:31 +0100] "GET / HTTP/2.0" 200 10321 2034 "-" "Mozilla/5.0"
api.example.com:443 198.51.100.9 - - [22/Nov/2026:08:38:31 +0100] "GET /v1/stock?token=s3cr3t&sku=7 HTTP/1.1" 200 512 1830412 "-" "okhttp/5.1"
www.example.com:80 203.0.113.9 - - [22/Nov/2026:08:38:32 +0100] "GET /old HTTP/1.1" 301 462 "-" "Mozilla/5.0"
`,
    container: "httpd",
    stream: "stdout",
  },
  {
    title: "Apache httpd: error log",
    config: `name = "shop"

[[container]]
name = "httpd"
stderr = ["httpd_error"]

[[route]]                           # the first that matches decides
name = "failures"
match = { level = ">=error" }
to = ["cloudwatch", "archive"]

[[route]]                           # the last one takes everything else
name = "rest"
to = "archive"
${DESTINATIONS}`,
    lines: `[Sun Nov 22 07:38:41.407551 2026] [http:info] [pid 32635:tid 32666] [client 127.0.0.1:36602] AH01588: Requested content-length of 300000 is larger than the configured limit of 200000
[Sun Nov 22 07:38:42.118203 2026] [proxy:error] [pid 444:tid 467] (111)Connection refused: AH00957: HTTP: attempt to connect to 10.0.3.17:8080 (app) failed
[Sun Nov 22 07:38:42.118377 2026] [proxy_http:error] [pid 444:tid 467] [client 203.0.113.7:39532] AH01114: HTTP: failed to make connection to backend: app, referer: https://shop.example.com/
[Sun Nov 22 07:38:43.000012 2026] [core:notice] [pid 1:tid 1] AH00094: Command line: 'httpd -D FOREGROUND'
`,
    container: "httpd",
    stream: "stderr",
  },
  {
    title: "Rails",
    config: `name = "shop"

[[container]]
name = "app"
stdout = ["rails"]

[[route]]
name = "failures"
match = [{ level = ">=error" }, { status = "5xx" }]
to = ["cloudwatch", "archive"]

[[route]]
name = "rest"
to = "archive"
${DESTINATIONS}`,
    lines: `I, [2026-11-22T07:38:31.104233 #7]  INFO -- : [3f1c9a52-6d0e-4c3b-9a71-0f2d1f6f9d10] Started GET "/carts/42" for 203.0.113.7 at 2026-11-22 07:38:31 +0000
I, [2026-11-22T07:38:31.106001 #7]  INFO -- : [3f1c9a52-6d0e-4c3b-9a71-0f2d1f6f9d10] Processing by CartsController#show as HTML
I, [2026-11-22T07:38:31.231907 #7]  INFO -- : [3f1c9a52-6d0e-4c3b-9a71-0f2d1f6f9d10] Completed 200 OK in 125ms (Views: 80.2ms | ActiveRecord: 21.4ms)
E, [2026-11-22T07:38:32.002117 #7] ERROR -- : [a9d0f4be-11aa-4a6b-8c55-7f0f6b1f2c33] payment was refused
`,
    container: "app",
    stream: "stdout",
  },
  {
    title: "JSON lines",
    config: `name = "shop"

[[container]]
name = "app"
stdout = ["json"]

[[route]]
name = "failures"
match = { level = ["error", "fatal"] }
to = ["cloudwatch", "archive"]

[[route]]
name = "slow"
match = { "http.duration_ms" = ">=500" }
to = "archive"

[[route]]
name = "rest"
to = "archive"
${DESTINATIONS}`,
    lines: `{"time":"2026-11-22T07:38:31Z","level":"info","message":"cart shown","user_id":42}
{"time":"2026-11-22T07:38:32Z","level":"error","message":"payment was refused","order":{"id":"A-1207","total":59.9}}
{"time":"2026-11-22T07:38:33Z","level":"info","message":"stock read","duration_ms":731}
{"level":"info","message":"cut off
`,
    container: "app",
    stream: "stdout",
  },
  {
    title: "Stack traces",
    config: `name = "shop"

[[container]]
name = "app"
stdout = ["json"]
multiline = "java"                  # lines that belong together become one record

[[route]]
name = "exceptions"
match = { kind = "exception" }
to = ["cloudwatch", "archive"]

[[route]]
name = "rest"
to = "archive"
${DESTINATIONS}`,
    lines: `Started ShopApplication in 2.1 seconds (process running for 2.6)
Exception in thread "main" java.lang.IllegalStateException: cannot start: port 8080 is taken
	at com.example.shop.Main.start(Main.java:42)
	at com.example.shop.Main.main(Main.java:17)
Caused by: java.net.BindException: Address already in use
	at java.base/sun.nio.ch.Net.bind0(Native Method)
	... 1 more
done
`,
    container: "app",
    stream: "stdout",
  },
];
