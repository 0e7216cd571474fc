/** The panel in a document, with a view that changes as the person does. */
import * as React from 'react';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, vi } from 'vitest';

import type { AskPackages } from '../../src/panel/components/PackageTable';
import { Panel } from '../../src/panel/components/Panel';
import type { CellEnvironment, ReproState } from '../../src/notebook/model';
import type { IReproActions } from '../../src/notebook/tokens';
import { FIRST_VIEW, type View } from '../../src/panel/view';
import { WORDS } from './drawing';

let root: Root | null = null;

afterEach(() => {
  act(() => root?.unmount());
  root = null;
  document.body.replaceChildren();
});

export function spies() {
  return {
    check: vi.fn<IReproActions['check']>(),
    recordAgain: vi.fn<IReproActions['recordAgain']>(),
    accept: vi.fn<IReproActions['accept']>(),
    insertMagic: vi.fn<IReproActions['insertMagic']>(),
    copyEnvironment: vi.fn<IReproActions['copyEnvironment']>(() => Promise.resolve()),
    copyRestore: vi.fn<IReproActions['copyRestore']>(() => Promise.resolve()),
    exportFiles: vi.fn<IReproActions['exportFiles']>(),
    copy: vi.fn<IReproActions['copy']>(() => Promise.resolve()),
    showCell: vi.fn<IReproActions['showCell']>(),
    showPanel: vi.fn<IReproActions['showPanel']>()
  };
}

interface Options {
  readonly view?: Partial<View>;
  readonly cells?: readonly CellEnvironment[];
  readonly packages?: AskPackages;
}

export function mount(element: React.ReactNode): HTMLElement {
  const box = document.createElement('div');
  document.body.append(box);
  root = createRoot(box);
  act(() => root?.render(element));
  return box;
}

export function mountPanel(state: ReproState, { view = {}, cells = [], packages }: Options = {}) {
  const actions = spies();
  const box = mount(
    <Held
      state={state}
      cells={cells}
      first={{ ...FIRST_VIEW, ...view }}
      actions={actions}
      packages={packages}
    />
  );
  return { box, actions };
}

interface HeldProps {
  readonly state: ReproState;
  readonly cells: readonly CellEnvironment[];
  readonly first: View;
  readonly actions: IReproActions;
  readonly packages: AskPackages | undefined;
}

function Held({ state, cells, first, actions, packages }: HeldProps) {
  const [view, setView] = React.useState(first);
  return (
    <Panel
      name="study.ipynb"
      state={state}
      cells={cells}
      view={view}
      words={WORDS}
      actions={actions}
      packages={packages}
      onView={change => setView(old => ({ ...old, ...change }))}
    />
  );
}

export function button(box: Element, label: string): HTMLButtonElement {
  const found = [...box.querySelectorAll('button')].find(node => node.textContent.includes(label));
  if (!found) {
    throw new Error(`no button "${label}"`);
  }
  return found;
}

export function hasButton(box: Element, label: string): boolean {
  return [...box.querySelectorAll('button')].some(node => node.textContent.includes(label));
}

/** Clicks, and waits for what the click promises. */
export async function click(node: Element): Promise<void> {
  await act(async () => {
    node.dispatchEvent(new MouseEvent('click', { bubbles: true }));
    await Promise.resolve();
  });
}

export function press(node: Element, key: string): void {
  act(() => {
    node.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
  });
}

/** Sets a field as a person would: React listens to the native setter. */
export function type(node: HTMLInputElement, text: string): void {
  act(() => {
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(node, text);
    node.dispatchEvent(new Event('input', { bubbles: true }));
  });
}
