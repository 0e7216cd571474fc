import { LabIcon } from '@jupyterlab/ui-components';

/** Three layers, one on the other, and a tick. */
const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 24 24">
  <g class="jp-icon3" fill="none" stroke="#616161" stroke-width="2" stroke-linejoin="round" stroke-linecap="round">
    <path d="M12 3l9 4.5-9 4.5-9-4.5z"/>
    <path d="M3 12l9 4.5 2-1"/>
    <path d="M3 16.5L12 21l1-.5"/>
    <path d="M16 18l2 2 4-5"/>
  </g>
</svg>`;

export const reproIcon = new LabIcon({ name: 'jupyter-repro:stack', svgstr: SVG });
