import * as React from 'react';

/** Return items by a key, the keys in the order in which they come. */
export function grouped<Item, Key>(
  items: readonly Item[],
  keyOf: (item: Item) => Key
): [Key, Item[]][] {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key) ?? [];
    group.push(item);
    groups.set(key, group);
  }
  return [...groups];
}

interface GroupProps {
  readonly title: string;
  /** Said beside the title. */
  readonly aside?: string;
  readonly className: string;
  readonly children: React.ReactNode;
}

/** A list under a title of its own. */
export function Group({ title, aside, className, children }: GroupProps) {
  const id = React.useId();
  return (
    <>
      <h4 id={id} className="jp-Repro-GroupTitle">
        {title}
        {aside && <span className="jp-Repro-Aside">{aside}</span>}
      </h4>
      <ul className={className} aria-labelledby={id}>
        {children}
      </ul>
    </>
  );
}
