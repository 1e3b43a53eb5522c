// uPlot as a file of its own, loaded when there is something to plot. Its style sheet is with all others, in main.tsx.
export { default } from 'uplot';
