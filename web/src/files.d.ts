// What the bundler makes of files that are no TypeScript.
declare module '*.csv' {
  const text: string;
  export default text;
}
declare module '*.css';
