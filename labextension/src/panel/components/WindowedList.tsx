import * as React from 'react';

interface WindowedListProps {
  readonly count: number;
  /** Pixels; every row has the same. */
  readonly rowHeight: number;
  /** Pixels that the list takes at most. */
  readonly maxHeight: number;
  readonly label: string;
  readonly row: (index: number) => React.ReactNode;
}

const BEYOND = 6;

/** A list of rows of one height, of which only those in sight are in the document. */
export function WindowedList({ count, rowHeight, maxHeight, label, row }: WindowedListProps) {
  const box = React.useRef<HTMLDivElement>(null);
  const [first, setFirst] = React.useState(0);
  const [height, setHeight] = React.useState(maxHeight);

  React.useLayoutEffect(() => {
    const node = box.current;
    if (!node) {
      return undefined;
    }
    const observer = new ResizeObserver(() => setHeight(node.clientHeight || maxHeight));
    observer.observe(node);
    return () => observer.disconnect();
  }, [maxHeight]);

  const visible = Math.ceil(height / rowHeight) + 2 * BEYOND;
  const start = Math.max(0, Math.min(first - BEYOND, count - visible));
  const rows = Array.from({ length: Math.min(visible, count) }, (_, place) => row(start + place));
  return (
    <div
      ref={box}
      className="jp-Repro-List"
      role="rowgroup"
      aria-label={label}
      tabIndex={0}
      style={{ height: Math.min(count * rowHeight, maxHeight) }}
      onScroll={event => setFirst(Math.floor(event.currentTarget.scrollTop / rowHeight))}
    >
      <div role="presentation" style={{ height: count * rowHeight }}>
        <div role="presentation" style={{ transform: `translateY(${start * rowHeight}px)` }}>
          {rows}
        </div>
      </div>
    </div>
  );
}
