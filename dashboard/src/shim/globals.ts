/* What `mqtt` and its streams expect of Node.js; the first import of the page. */

import { Buffer } from "buffer";
import process from "process";

Object.assign(globalThis, { Buffer, process, global: globalThis });
