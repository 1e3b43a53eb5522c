// Bars over time, by uPlot, which is only loaded where a plot is. What they show also stands in a table beside them.
import { useEffect, useRef } from 'preact/hooks';
import { useApp } from './app.ts';

export interface Series {
  label: string;
  values: number[];
  tone: 'good' | 'bad';
}

const HEIGHT = 210;
const HALF_HOUR_S = 1800;

// Stacks the series: each stands on the sum of those before it.
function stacked(series: readonly Series[]): number[][] {
  const sums: number[][] = [];
  for (const { values } of series) {
    const below = sums.at(-1);
    sums.push(values.map((value, index) => value + (below?.[index] ?? 0)));
  }
  return sums;
}

export function HourPlot({ label, hours, series }: { label: string; hours: number[]; series: readonly Series[] }) {
  const { locale } = useApp();
  const place = useRef<HTMLDivElement>(null);
  const key = JSON.stringify([hours[0], hours.length, series, locale]);
  useEffect(() => {
    let plot: { destroy(): void; setSize(size: { width: number; height: number }): void } | null = null;
    let gone = false;
    const observer = new ResizeObserver(() => {
      if (place.current !== null) plot?.setSize({ width: place.current.clientWidth, height: HEIGHT });
    });
    void import('./uplot.ts').then(({ default: UPlot }) => {
      const box = place.current;
      if (gone || box === null) return;
      const style = getComputedStyle(document.documentElement);
      const color = (name: string) => style.getPropertyValue(name).trim();
      const bars = UPlot.paths.bars?.({ size: [0.7, 28], radius: 0.15 });
      const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
      const font = '12px system-ui, sans-serif';
      // The tallest first, so that those that stand lower are drawn over it.
      const order = series.map((each, index) => ({ ...each, sum: stacked(series)[index] ?? [] })).reverse();
      plot = new UPlot({
        width: box.clientWidth, height: HEIGHT, legend: { show: false }, cursor: { show: false },
        scales: { x: { time: true, range: (_, min, max) => [min - HALF_HOUR_S, max + HALF_HOUR_S] }, y: { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } },
        axes: [
          { stroke: color('--soft'), font, grid: { show: false }, ticks: { show: false }, values: (_, ticks) => ticks.map((tick) => clock.format(new Date(tick * 1000))) },
          { stroke: color('--soft'), font, size: 44, grid: { stroke: color('--line'), width: 1 }, ticks: { show: false }, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000] },
        ],
        series: [{}, ...order.map((each) => ({ label: each.label, fill: color(`--${each.tone}`), stroke: color(`--${each.tone}`), width: 0, ...(bars === undefined ? {} : { paths: bars }), points: { show: false } }))],
      }, [hours.map((at) => at / 1000), ...order.map(({ sum }) => sum)], box);
      observer.observe(box);
    });
    return () => {
      gone = true;
      observer.disconnect();
      plot?.destroy();
    };
  }, [key]);
  return <div ref={place} class="plot" role="img" aria-label={label} />;
}
