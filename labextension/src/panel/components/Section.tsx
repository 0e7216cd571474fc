import * as React from 'react';

import { Caret } from './Icons';

interface SectionProps {
  readonly title: string;
  /** Said beside the title: how many there are. */
  readonly aside: number | null;
  readonly open: boolean;
  readonly onToggle: () => void;
  readonly children: () => React.ReactNode;
}

/** A part of the panel that can be folded; what is folded is not drawn. */
export function Section({ title, aside, open, onToggle, children }: SectionProps) {
  const id = React.useId();
  const own = `${id}title`;
  return (
    <section className="jp-Repro-Section" aria-labelledby={own}>
      <h3 className="jp-Repro-SectionTitle">
        <Toggle id={own} controls={id} open={open} onClick={onToggle}>
          <Caret />
          <span>{title}</span> {aside !== null && <span className="jp-Repro-Aside">{aside}</span>}
        </Toggle>
      </h3>
      {open && (
        <div id={id} className="jp-Repro-SectionBody">
          {children()}
        </div>
      )}
    </section>
  );
}

interface ToggleProps {
  readonly id?: string;
  /** Id of what is there while it is open. */
  readonly controls: string;
  readonly open: boolean;
  readonly onClick: () => void;
  readonly children: React.ReactNode;
}

/** A button that opens and closes something. */
export function Toggle({ controls, open, ...rest }: ToggleProps) {
  return (
    <button
      type="button"
      aria-expanded={open}
      aria-controls={open ? controls : undefined}
      {...rest}
    />
  );
}
