// The console begins here.
import 'uplot/dist/uPlot.min.css';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import { render } from 'preact';
import { Root } from './root.tsx';

const place = document.getElementById('app');
if (place !== null) render(<Root />, place);
