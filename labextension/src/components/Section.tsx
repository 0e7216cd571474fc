import * as React from 'react';

import { h } from '../jsx';
import { Caret } from './Icons';

interface SectionProps {
  readonly title: string;
  /** Said beside the title: how many there are. */
  readonly aside?: string | undefined;
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly children: () => React.ReactNode;
}

/** A part of the panel that can be folded; what is folded is not drawn. */
export function Section({ title, aside, open, onToggle, children }: SectionProps) {
  const id = React.useId();
  return (
    <section className="jp-Repro-Section" aria-labelledby={`${id}title`}>
      <h3 className="jp-Repro-SectionTitle">
        <button
          id={`${id}title`}
          type="button"
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          onClick={onToggle}
        >
          <Caret />
          <span>{title}</span>{' '}
          {aside !== undefined && <span className="jp-Repro-Aside">{aside}</span>}
        </button>
      </h3>
      {open && (
        <div id={id} className="jp-Repro-SectionBody">
          {children()}
        </div>
      )}
    </section>
  );
}
