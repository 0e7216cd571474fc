/** The panel in a document, with a view that changes as the person does. */
import * as React from 'react';
import { act } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, vi } from 'vitest';

import { h } from '../src/jsx';
import { Panel } from '../src/components/Panel';
import type { CellEnvironment, ReproState } from '../src/model';
import { FIRST_VIEW, type PanelActions, type View } from '../src/view';
import { WORDS } from './drawing';

let root: Root | null = null;

afterEach(() => {
  act(() => root?.unmount());
  root = null;
  document.body.replaceChildren();
});

export function spies() {
  return {
    check: vi.fn<PanelActions['check']>(),
    recordAgain: vi.fn<PanelActions['recordAgain']>(),
    accept: vi.fn<PanelActions['accept']>(),
    insertMagic: vi.fn<PanelActions['insertMagic']>(),
    copyEnvironment: vi.fn<PanelActions['copyEnvironment']>(() => Promise.resolve()),
    copyRestore: vi.fn<PanelActions['copyRestore']>(() => Promise.resolve()),
    exportFiles: vi.fn<PanelActions['exportFiles']>(),
    copy: vi.fn<PanelActions['copy']>(() => Promise.resolve()),
    showCell: vi.fn<PanelActions['showCell']>()
  };
}

interface Options {
  readonly view?: Partial<View>;
  readonly cells?: readonly CellEnvironment[];
}

export function mount(element: React.ReactNode): HTMLElement {
  const box = document.createElement('div');
  document.body.append(box);
  root = createRoot(box);
  act(() => root?.render(element));
  return box;
}

export function mountPanel(state: ReproState, { view = {}, cells = [] }: Options = {}) {
  const actions = spies();
  const box = mount(
    <Held state={state} cells={cells} first={{ ...FIRST_VIEW, ...view }} actions={actions} />
  );
  return { box, actions };
}

interface HeldProps {
  readonly state: ReproState;
  readonly cells: readonly CellEnvironment[];
  readonly first: View;
  readonly actions: PanelActions;
}

function Held({ state, cells, first, actions }: HeldProps) {
  const [view, setView] = React.useState(first);
  return (
    <Panel
      name="study.ipynb"
      state={state}
      cells={cells}
      view={view}
      words={WORDS}
      actions={actions}
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
