/** What jsdom lacks and JupyterLab's modules touch when they are loaded. */
class Observer {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
  takeRecords(): [] {
    return [];
  }
}

const stubs: Record<string, unknown> = {
  DragEvent: class extends Event {},
  IntersectionObserver: Observer,
  ResizeObserver: Observer,
  requestIdleCallback: (call: () => void) => setTimeout(call),
  matchMedia: (query: string) => ({
    matches: false,
    media: query,
    addEventListener: () => {},
    removeEventListener: () => {}
  })
};
for (const [name, stub] of Object.entries(stubs)) {
  if (Reflect.get(globalThis, name) === undefined) {
    Object.defineProperty(globalThis, name, { value: stub, configurable: true, writable: true });
  }
}
Range.prototype.getClientRects = () => Object.assign([], { item: () => null });

// React warns unless the test says that it acts
Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
