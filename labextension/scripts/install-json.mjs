// install.json tells JupyterLab's extension manager who installed this. It is copied into the built
// folder, so that the wheel maps one folder and no single file.
import { copyFileSync } from 'node:fs';

copyFileSync(
  new URL('../install.json', import.meta.url),
  new URL('../../jupyter_repro/labextension/install.json', import.meta.url)
);
