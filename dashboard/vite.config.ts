/*
 * One self-contained index.html: the broker's listener sends no Content-Type, so there are no ES modules
 * and no other files at run time. The policy in it lets the page talk to its own broker and nobody else.
 */

import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const LARGEST_BYTES = 400_000;

function digest(text: string): string {
    return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function policy(script: string, style: string): string {
    const rules = [
        "default-src 'none'",
        `script-src ${digest(script)}`,
        `style-src ${digest(style)}`,
        "connect-src 'self'",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
    ];
    return `<meta http-equiv="Content-Security-Policy" content="${rules.join("; ")}">`;
}

function singleFile(): Plugin {
    return {
        name: "single-file",
        enforce: "post",
        generateBundle(_options, bundle) {
            let script = "",
                style = "";
            for (const [name, file] of Object.entries(bundle)) {
                if (name === "index.html") continue;
                if (file.type === "chunk") script += file.code;
                else if (name.endsWith(".css")) style += file.source;
                else this.error(`${name} would be a file of its own`);
                delete bundle[name];
            }
            const page = bundle["index.html"];
            if (page?.type !== "asset") return this.error("there is no index.html");
            script = script.trim().replaceAll("</script", "<\\/script");
            style = style.trim();
            const html = String(page.source)
                .replace(/\s*<script type="module"[^>]*><\/script>/, "")
                .replace(/\s*<link rel="stylesheet"[^>]*>/, "")
                .replace("<title>", () => `${policy(script, style)}\n<title>`)
                .replace("</head>", () => `<style>${style}</style>\n</head>`)
                .replace("</body>", () => `<script>${script}</script>\n</body>`);
            const bytes = Buffer.byteLength(html);
            if (bytes > LARGEST_BYTES) this.error(`the page has ${bytes} bytes, more than ${LARGEST_BYTES}`);
            page.source = html;
        },
    };
}

const shim = (name: string): string => fileURLToPath(new URL(`src/shim/${name}.ts`, import.meta.url));

export default defineConfig({
    base: "./",
    resolve: {
        alias: [
            { find: /^debug$/, replacement: shim("debug") },
            { find: /^lru-cache$/, replacement: shim("lru_cache") },
            { find: /^worker-timers$/, replacement: shim("worker_timers") },
            { find: /^(buffer|process|events)$/, replacement: "$1/" },
        ],
    },
    build: {
        target: "es2021",
        modulePreload: false,
        cssCodeSplit: false,
        assetsInlineLimit: LARGEST_BYTES,
        reportCompressedSize: false,
        rollupOptions: { output: { format: "iife", inlineDynamicImports: true, entryFileNames: "page.js" } },
    },
    plugins: [singleFile()],
});
