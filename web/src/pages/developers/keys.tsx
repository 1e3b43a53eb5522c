// Keys, the addresses that they work from, what can be downloaded.
import { useState } from 'preact/hooks';
import { api, apiPath } from '../../api/client.ts';
import type { Developer } from '../../api/types.ts';
import { useApp, useMay, useWords } from '../../parts/app.ts';
import { Button, Card, CopyLine, LinkButton, Note, Problem } from '../../parts/basic.tsx';
import { ConfirmDialog, Dialog } from '../../parts/dialog.tsx';
import { Form, TextField } from '../../parts/field.tsx';
import { useAct } from '../../parts/load.ts';

export function KeysTab({ developer, onChanged }: { developer: Developer; onChanged: () => void }) {
  const { developers } = useWords();
  const may = useMay();
  return (
    <div class="grid">
      <Card title={developers.keys} text={developers.keysText}>
        <CopyLine id="api-url" label={developers.url} value={developer.url} />
        {developer.apikey === null ? <p class="soft">{developers.apikey} : {developers.hidden}</p> : <CopyLine id="apikey" label={developers.apikey} value={developer.apikey} />}
        {may('POST /merchants/{merchant}/password') ? <PasswordKey merchant={developer.merchant} /> : null}
        {may('POST /merchants/{merchant}/secret') ? <SecretKey merchant={developer.merchant} /> : null}
      </Card>
      <Addresses developer={developer} onChanged={onChanged} />
      {developer.documents.length === 0 ? null : (
        <Card title={developers.documents} text={developers.documentsText}>
          <div class="row">
            {developer.documents.map(({ name, path }) => (
              <LinkButton key={name} icon="down" download href={path}>{name.startsWith('postman') ? developers.postman : name.startsWith('openapi') ? developers.openapi : name}</LinkButton>))}
            <LinkButton icon="down" kind="quiet" download href={apiPath('/openapi.json')}>openapi.json (console)</LinkButton>
          </div>
        </Card>
      )}
    </div>
  );
}

// Shown once, after it was made.
function Fresh({ id, label, value, onClose }: { id: string; label: string; value: string; onClose: () => void }) {
  const { developers, common } = useWords();
  return (
    <Dialog title={label} onClose={onClose}>
      <Note tone="warn"><p>{developers.once}</p></Note>
      <CopyLine id={id} label={label} value={value} />
      <div class="row-end"><Button kind="main" onClick={onClose}>{common.close}</Button></div>
    </Dialog>
  );
}

function PasswordKey({ merchant }: { merchant: number }) {
  const { developers } = useWords();
  const [asks, asksSet] = useState(false);
  const [fresh, freshSet] = useState<string | null>(null);
  return (
    <div class="stack-close">
      <h3>{developers.password}</h3>
      <p class="soft small">{developers.passwordText}</p>
      <div><Button small icon="key" onClick={() => asksSet(true)}>{developers.passwordNew}</Button></div>
      {asks ? (
        <ConfirmDialog title={developers.passwordTitle} does={developers.passwordNew} bad onClose={() => asksSet(false)}
          act={async () => freshSet((await api.post<{ password: string }>(`/merchants/${merchant}/password`)).password)}>
          <p>{developers.passwordWarn}</p>
        </ConfirmDialog>
      ) : null}
      {fresh === null ? null : <Fresh id="fresh-password" label={developers.password} value={fresh} onClose={() => freshSet(null)} />}
    </div>
  );
}

function SecretKey({ merchant }: { merchant: number }) {
  const { developers } = useWords();
  const may = useMay();
  const [asks, asksSet] = useState<'show' | 'new' | null>(null);
  const [fresh, freshSet] = useState<string | null>(null);
  return (
    <div class="stack-close">
      <h3>{developers.secret}</h3>
      <p class="soft small">{developers.secretText}</p>
      <div class="row">
        {may('POST /merchants/{merchant}/secret/reveal') ? <Button small onClick={() => asksSet('show')}>{developers.secretShow}</Button> : null}
        <Button small icon="key" onClick={() => asksSet('new')}>{developers.secretNew}</Button>
      </div>
      {asks === 'new' ? (
        <ConfirmDialog title={developers.secretTitle} does={developers.secretNew} bad onClose={() => asksSet(null)}
          act={async () => freshSet((await api.post<{ secret_key: string }>(`/merchants/${merchant}/secret`)).secret_key)}>
          <p>{developers.secretWarn}</p>
        </ConfirmDialog>
      ) : null}
      {asks === 'show' ? <Reveal merchant={merchant} onClose={() => asksSet(null)} onShown={freshSet} /> : null}
      {fresh === null ? null : <Fresh id="fresh-secret" label={developers.secret} value={fresh} onClose={() => freshSet(null)} />}
    </div>
  );
}

function Reveal({ merchant, onClose, onShown }: { merchant: number; onClose: () => void; onShown: (secret: string) => void }) {
  const { developers, common } = useWords();
  const [password, passwordSet] = useState('');
  const acting = useAct();
  const show = () => acting.run(async () => {
    const { secret_key: secret } = await api.post<{ secret_key: string }>(`/merchants/${merchant}/secret/reveal`, { password });
    onClose();
    onShown(secret);
  });
  return (
    <Dialog title={developers.secretAskTitle} onClose={onClose}>
      <Form onSubmit={() => { void show(); }} label={developers.secretAskTitle}>
        <TextField label={developers.secretAsk} type="password" value={password} onValue={passwordSet} more={{ autocomplete: 'current-password' }} />
        <Problem text={acting.problem} />
        <div class="row-end"><Button onClick={onClose}>{common.cancel}</Button><Button kind="main" submit busy={acting.busy}>{developers.secretShow}</Button></div>
      </Form>
    </Dialog>
  );
}

function Addresses({ developer, onChanged }: { developer: Developer; onChanged: () => void }) {
  const { words: { developers, common }, say } = useApp();
  const may = useMay();
  const [ips, ipsSet] = useState(developer.ip_list);
  const [apiIps, apiIpsSet] = useState(developer.api_ip_list);
  const [url, urlSet] = useState(developer.notify_url);
  const acting = useAct();
  const fixed = !may('POST /merchants/{merchant}');
  const save = () => acting.run(async () => {
    await api.post(`/merchants/${developer.merchant}`, { ip_list: ips.trim(), api_ip_list: apiIps.trim(), notify_url: url.trim() });
    say(common.saved);
    onChanged();
  });
  const more = { spellcheck: false, autocomplete: 'off', readOnly: fixed } as const;
  return (
    <Card title={developers.addresses}>
      <Form onSubmit={() => { if (!fixed) void save(); }} label={developers.addresses}>
        <TextField label={developers.notifyUrl} hint={developers.notifyHint} type="url" value={url} onValue={urlSet} more={more} />
        <TextField label={developers.ipList} hint={developers.ipHint} value={ips} onValue={ipsSet} more={more} />
        <TextField label={developers.apiIpList} hint={developers.apiIpHint} value={apiIps} onValue={apiIpsSet} more={more} />
        <Problem text={acting.problem} />
        {fixed ? null : <div><Button kind="main" submit busy={acting.busy}>{common.save}</Button></div>}
      </Form>
    </Card>
  );
}
