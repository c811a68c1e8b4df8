/*
 * What a browser test needs: a real broker that serves the built page, the real daemons on the simulated
 * greenhouse, and Chromium. Children die with this process (setpriv), ports are free ones, and nothing
 * waits for time: expectations are polled until a deadline that a healthy test never reaches.
 */

import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import mqtt, { type MqttClient } from "mqtt";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

export const SOURCE = process.env["EDGE_SOURCE_DIR"] ?? process.cwd();
export const BUILD = process.env["EDGE_BUILD_DIR"] ?? join(SOURCE, "build/debug");
export const SCREENSHOTS = join(BUILD, "screenshots");
export const PAGE = process.env["EDGE_PAGE_DIR"] ?? join(SOURCE, "dashboard/dist");
export const TIMEOUT_MS = Number(process.env["EDGE_TEST_TIMEOUT_MS"] ?? 60000);
const CHROMIUM = "/usr/bin/chromium";

export async function freePort(): Promise<number> {
    return new Promise((resolve, reject) => {
        const server = createServer();
        server.once("error", reject);
        server.listen(0, "127.0.0.1", () => {
            const address = server.address();
            server.close(() =>
                typeof address === "object" && address ? resolve(address.port) : reject(new Error("no port")),
            );
        });
    });
}

/** Until `check` gives something that is not false, null or undefined. */
export async function until<T>(
    what: string,
    check: () => T | Promise<T>,
    timeoutMs = TIMEOUT_MS,
): Promise<NonNullable<T>> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
        const result = await check();
        if (result !== false && result !== null && result !== undefined) return result as NonNullable<T>;
        if (Date.now() > deadline) throw new Error(`not within ${timeoutMs / 1000} s: ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

/** A directory and everything that was started in it; `end` leaves nothing behind. */
export class Plant {
    readonly directory = mkdtempSync(join(tmpdir(), "edge-browser-"));
    private readonly children: ChildProcess[] = [];
    private broker: ChildProcess | null = null;
    port = 0;
    webPort = 0;

    get url(): string {
        return `http://127.0.0.1:${this.webPort}/`;
    }

    async startBroker(extra = ""): Promise<void> {
        this.port ||= await freePort();
        this.webPort ||= await freePort();
        const render = spawnSync(
            join(SOURCE, "broker-config/render"),
            [
                "--port",
                String(this.port),
                "--websocket-port",
                String(this.webPort),
                "--directory",
                this.directory,
                "--http-dir",
                PAGE,
            ],
            { encoding: "utf8" },
        );
        if (render.status !== 0) throw new Error(render.stderr);
        const open = extra.includes("allow_anonymous")
            ? render.stdout.replace(/^allow_anonymous .*$/m, "")
            : render.stdout;
        const config = join(this.directory, "mosquitto.conf");
        writeFileSync(config, `${open}\n${extra}\n`);
        this.broker = this.start("mosquitto", ["-c", config]);
        await until("the broker listens", () => this.listens());
    }

    async killBroker(): Promise<void> {
        const broker = this.broker!;
        this.broker = null;
        broker.kill("SIGKILL");
        await until("the broker is gone", () => broker.exitCode !== null || broker.signalCode !== null);
    }

    /** The gateway and the node of examples/; their configuration takes port and place from here. */
    startDaemons(alarms = ""): void {
        this.startGateway(alarms);
        this.start(join(BUILD, "bin/automation-node"), ["run", "-c", join(SOURCE, "examples/automation.yaml")]);
    }

    /** `alarms`: more of them, as lines of its configuration. */
    startGateway(alarms = ""): void {
        const example = join(SOURCE, "examples"),
            config = join(this.directory, "gateway.yaml");
        const text = readFileSync(join(example, "gateway.yaml"), "utf8");
        const placed = text.replace("dbc: greenhouse.dbc", `dbc: ${join(example, "greenhouse.dbc")}`);
        writeFileSync(config, placed.replace(/^alarms:$/m, `alarms:${alarms}`));
        this.start(join(BUILD, "bin/edge-gateway"), ["run", "-c", config]);
    }

    async client(options: { username?: string; password?: string } = {}): Promise<MqttClient> {
        const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${this.port}`, { protocolVersion: 5, ...options });
        this.clients.push(client);
        return client;
    }
    private readonly clients: MqttClient[] = [];

    async end(): Promise<void> {
        for (const client of this.clients) client.end(true);
        for (const child of this.children) child.kill("SIGKILL");
        await Promise.all(
            this.children.map((child) =>
                until("a child ends", () => child.exitCode !== null || child.signalCode !== null),
            ),
        );
        rmSync(this.directory, { recursive: true, force: true });
    }

    private start(program: string, argv: string[]): ChildProcess {
        const log = openSync(join(this.directory, `${program.split("/").at(-1)}.log`), "a");
        const child = spawn("setpriv", ["--pdeathsig", "KILL", "--", program, ...argv], {
            stdio: ["ignore", log, log],
            env: {
                ...process.env,
                PATH: `${process.env["PATH"]}:/usr/sbin`,
                MQTT_PORT: String(this.port),
                STATE_DIRECTORY: this.directory,
                RUNTIME_DIRECTORY: this.directory,
            },
        });
        this.children.push(child);
        return child;
    }

    private listens(): Promise<boolean> {
        if (this.broker?.exitCode !== null && this.broker?.exitCode !== undefined) {
            throw new Error(readFileSync(join(this.directory, "mosquitto.log"), "utf8"));
        }
        return new Promise((resolve) => {
            const socket = connect(this.webPort, "127.0.0.1", () => (socket.destroy(), resolve(true)));
            socket.once("error", () => resolve(false));
        });
    }
}

export function hasBrowser(): boolean {
    return existsSync(CHROMIUM);
}

export function launch(): Promise<Browser> {
    return chromium.launch({
        executablePath: CHROMIUM,
        args: [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--disable-dev-shm-usage",
            "--enable-precise-memory-info",
            "--js-flags=--expose-gc",
        ],
    });
}

export const DESKTOP: BrowserContextOptions = { viewport: { width: 1280, height: 800 }, colorScheme: "light" };
export const DARK: BrowserContextOptions = { ...DESKTOP, colorScheme: "dark" };
export const PHONE: BrowserContextOptions = {
    viewport: { width: 390, height: 844 },
    colorScheme: "light",
    deviceScaleFactor: 2,
    isMobile: true,
    hasTouch: true,
};

/** A page that fails the test where the page itself fails. */
export async function openPage(browser: Browser, url: string, options: BrowserContextOptions = DESKTOP): Promise<Page> {
    const context = await browser.newContext(options),
        page = await context.newPage();
    page.setDefaultTimeout(TIMEOUT_MS);
    page.on("pageerror", (error) => {
        throw error;
    });
    await page.goto(url);
    return page;
}

export async function screenshot(page: Page, name: string): Promise<void> {
    mkdirSync(SCREENSHOTS, { recursive: true });
    await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}
