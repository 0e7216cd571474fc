// A release must not carry what a development build left behind.
import { rmSync } from 'node:fs';

for (const folder of ['lib', '../jupyter_repro/labextension']) {
  rmSync(new URL(`../${folder}`, import.meta.url), { recursive: true, force: true });
}
