// French, for all pages: the frame, logging in, one's account, what goes wrong.
const count = (value: number) => new Intl.NumberFormat('fr').format(value);

export const shared = {
  common: {
    again: 'Réessayer', back: 'Retour', cancel: 'Annuler', close: 'Fermer', copy: 'Copier', copied: 'Copié', loading: 'Chargement…', more: 'Voir la suite',
    needed: 'À remplir', save: 'Enregistrer', saved: 'Enregistré', search: 'Rechercher', show: 'Voir', download: 'Télécharger', all: 'Tous', none: 'Aucun',
    yes: 'Oui', no: 'Non', optional: 'facultatif', language: 'Langue', remove: 'Retirer', edit: 'Modifier', total: 'Total', date: 'Date', amount: 'Montant',
    phone: 'Numéro', name: 'Nom', firstName: 'Prénoms', mail: 'E-mail', operator: 'Opérateur', state: 'État', fee: 'Frais', person: 'Personne', reference: 'Référence',
    people: (n: number) => (n < 2 ? `${count(n)} personne` : `${count(n)} personnes`),
  },
  shell: {
    console: 'payoutd', skip: 'Aller au contenu', navigation: 'Navigation', menu: 'Menu', logout: 'Se déconnecter', account: 'Mon compte',
    home: 'Accueil', send: 'Envoyer', lots: 'À confirmer', transfers: 'Paiements', contacts: 'Contacts', developers: 'Développeurs', users: 'Utilisateurs',
    platform: 'Plateforme', merchants: 'Marchands', channels: 'Opérateurs', unknown: 'À trancher', acts: 'Journal', doubles: 'Doublons',
    sandboxName: 'Bac à sable', sandbox: 'Bac à sable : aucun argent réel ne bouge.', notFound: 'Cette page n\'existe pas', notFoundText: 'L\'adresse est peut-être incomplète.',
    forbidden: 'Cette page n\'est pas pour vous', forbiddenText: 'Votre rôle ne permet pas de la voir. Demandez à un propriétaire du compte.', toHome: 'Aller à l\'accueil',
    loggedOut: 'Votre session est terminée. Connectez-vous de nouveau.',
    roles: { OWNER: 'Propriétaire', MAKER: 'Prépare les envois', CHECKER: 'Confirme les envois', VIEWER: 'Consulte', PLATFORM: 'Plateforme' },
  },
  login: {
    title: 'Connexion', text: 'Entrez dans votre espace de paiement.', name: 'Nom d\'utilisateur', password: 'Mot de passe', enter: 'Se connecter',
    code: 'Code à 6 chiffres', codeHint: 'De votre application d\'authentification, si vous l\'avez activée. Laissez vide sinon.',
    recovery: 'Je n\'ai plus mon téléphone', recoveryCode: 'Code de secours', recoveryHint: 'Un des codes notés lors de l\'activation. Chacun sert une fois.', useCode: 'Utiliser le code à 6 chiffres',
    wrong: 'Nom, mot de passe ou code incorrect.', wrongHint: 'Vérifiez les majuscules. Si votre compte demande un code, entrez celui qui est affiché maintenant.',
    showPassword: 'Afficher le mot de passe',
  },
  account: {
    title: 'Mon compte', change: 'Changer de mot de passe', changeText: 'Au moins 12 caractères. Quatre mots sans lien sont faciles à retenir et difficiles à deviner.',
    old: 'Mot de passe actuel', new: 'Nouveau mot de passe', repeat: 'Encore une fois', differ: 'Les deux ne sont pas les mêmes.', short: 'Au moins 12 caractères.',
    changeDo: 'Changer le mot de passe', changed: 'Mot de passe changé. Connectez-vous avec le nouveau.',
    mustTitle: 'Choisissez votre mot de passe', mustText: 'Celui que vous avez reçu ne sert qu\'une fois.',
    totp: 'Connexion en deux étapes', totpOn: 'Activée', totpOff: 'Pas activée', totpText: 'Un code de votre téléphone, en plus du mot de passe, protège l\'argent même si le mot de passe est volé.',
    totpMustTitle: 'Protégez votre compte', totpMustText: 'Votre rôle demande la connexion en deux étapes. Cela prend une minute.',
    totpBegin: 'Commencer', totpStep1: 'Ajoutez payoutd à votre application d\'authentification (Google Authenticator, Aegis…) avec cette clé :', totpKey: 'Clé', totpOpen: 'Ouvrir dans mon application',
    totpStep2: 'Notez ces codes de secours et gardez-les en lieu sûr. Chacun remplace une fois votre téléphone.', totpCodes: 'Codes de secours',
    totpStep3: 'Entrez le code affiché par l\'application :', totpDo: 'Activer', totpDone: 'Connexion en deux étapes activée.',
    everywhere: 'Se déconnecter partout', everywhereText: 'Termine vos sessions sur tous les appareils, celui-ci compris.', signedInAs: 'Connecté en tant que', role: 'Rôle', of: 'Compte',
  },
  problem: {
    unexpected: 'Une erreur inattendue est arrivée. Réessayez ; si elle revient, prévenez votre administrateur.',
    busy: 'Le service est occupé pour un instant. Rien n\'a été enregistré : réessayez.',
    tooMany: (seconds: number) => `Trop d'essais. Réessayez dans ${count(Math.max(1, seconds))} s.`,
    byWord: {
      NO_NETWORK: 'Pas de réseau. Vérifiez votre connexion, puis réessayez.',
      INVALID_TOKEN: 'Votre session est terminée. Connectez-vous de nouveau.',
      INVALID_CREDENTIALS: 'Nom, mot de passe ou code incorrect.',
      NOT_FOUND: 'Introuvable.',
      INSUFFICIENT_BALANCE: 'Votre solde disponible ne couvre pas cet envoi.',
    },
  },
  state: { label: 'État', NEW: 'Accepté', REC: 'En cours', NOS: 'En vérification', VAL: 'Payé', REJ: 'Refusé', unconfirmed: 'À confirmer' },
  reason: { RECEIVER_UNKNOWN: 'Ce numéro n\'a pas de compte chez l\'opérateur', RECEIVER_LIMIT: 'Le compte du bénéficiaire est à son plafond', RECEIVER_BLOCKED: 'Le compte du bénéficiaire est bloqué', RECEIVER_NAME: 'Le nom ne correspond pas', OPERATOR_REFUSED: 'L\'opérateur a refusé', OPERATOR_FLOAT: 'La réserve de la plateforme est trop petite', OPERATOR_DOWN: 'L\'opérateur est en panne : le paiement partira dès son retour', OUTCOME_UNKNOWN: 'L\'opérateur est interrogé sur le résultat', LOT_CANCELLED: 'L\'envoi a été annulé', LOT_EXPIRED: 'L\'envoi n\'a pas été confirmé à temps', PENDING_AT_OPERATOR: 'En cours chez l\'opérateur', DECIDED_BY_PERSON: 'Décidé par une personne autorisée', SUSPECTED_DOUBLE: 'Doublon possible : une personne doit décider', DOUBLE: 'Refusé comme doublon', NAME_MATCHED: 'Vérification du bénéficiaire : une personne doit décider', NAME_REFUSED: 'Refusé après vérification du bénéficiaire', SCREENING_DOWN: 'Le bénéficiaire est encore à vérifier', WAITED_TOO_LONG: 'L\'opérateur est resté en panne trop longtemps : remboursé', REVERSED: 'Annulé chez l\'opérateur' } as Record<string, string>,
  lotState: { WAITING: 'À confirmer', CONFIRMED: 'Confirmé', CANCELLED: 'Annulé', EXPIRED: 'Expiré' },
};
