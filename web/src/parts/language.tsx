// French or English.
import { useApp } from './app.ts';
import { Button } from './basic.tsx';

export function LanguageChoice() {
  const { lang, langSet, words } = useApp();
  return (
    <div class="language" role="group" aria-label={words.common.language}>
      <Button small kind="quiet" pressed={lang === 'fr'} label="FR, français" onClick={() => langSet('fr')}>FR</Button>
      <Button small kind="quiet" pressed={lang === 'en'} label="EN, English" onClick={() => langSet('en')}>EN</Button>
    </div>
  );
}
