// French, for paying: home, sending, lots, payments, contacts.
const count = (value: number) => new Intl.NumberFormat('fr').format(value);
const people = (n: number) => (n < 2 ? `${count(n)} personne` : `${count(n)} personnes`);
const lines = (n: number) => (n < 2 ? `${count(n)} ligne` : `${count(n)} lignes`);

export const pay = {
  home: {
    title: 'Accueil', hello: 'Bonjour', available: 'Disponible', held: 'Réservé pour des envois en cours', today: 'Aujourd\'hui', paidToday: 'Payé aujourd\'hui', sentToday: 'Envoyé aujourd\'hui',
    underWay: 'En cours', refused: 'Refusés', success: 'Taux de réussite', noneToday: 'Aucun envoi aujourd\'hui.',
    waits: 'À faire', nothingWaits: 'Rien ne vous attend. Tout est à jour.',
    lots: (n: number) => (n < 2 ? `${count(n)} envoi attend une confirmation` : `${n >= 100 ? '100 envois ou plus' : `${count(n)} envois`} attendent une confirmation`),
    doubles: (n: number) => (n < 2 ? `${count(n)} paiement ressemble à un doublon` : `${count(n)} paiements ressemblent à des doublons`),
    notifications: (n: number) => (n < 2 ? `${count(n)} notification n'est pas arrivée` : `${count(n)} notifications ne sont pas arrivées`),
    contradictions: (n: number) => (n < 2 ? `${count(n)} réponse contradictoire d'opérateur` : `${count(n)} réponses contradictoires d'opérateurs`),
    screening: (n: number) => (n < 2 ? `${count(n)} nom à vérifier` : `${count(n)} noms à vérifier`),
    proposals: (n: number) => (n < 2 ? `${count(n)} décision attend une deuxième personne` : `${count(n)} décisions attendent une deuxième personne`),
    allOperators: 'Tous les opérateurs', operators: 'Opérateurs', operatorsText: 'Leur état maintenant, et les dernières 24 heures.', AVAILABLE: 'Disponible', DOWN: 'En panne', OFF: 'Arrêté', since: 'depuis',
    timeToPay: 'Délai moyen', paid: 'Payés', plotPaid: 'Paiements par heure', plotTime: 'Délai moyen de paiement', plotText: 'Dernières 24 heures', plotTimeText: 'De l\'envoi à l\'opérateur jusqu\'au paiement, par opérateur', asTable: 'Voir les chiffres en tableau',
    hour: 'Heure', empty: 'Pas encore de paiement', emptyText: 'Dès votre premier envoi, vous verrez ici ce qui est payé, ce qui est en cours et à quelle vitesse.', firstSend: 'Faire un premier envoi', seconds: 's',
    newSend: 'Nouvel envoi',
  },
  send: {
    title: 'Envoyer de l\'argent', one: 'Une personne', oneText: 'Un numéro, un montant.', many: 'Une liste', manyText: 'Collez une liste ou déposez un fichier CSV.', how: 'À qui envoyer',
    country: 'Pays', phone: 'Numéro de téléphone', phoneHint: 'Avec ou sans indicatif.', amount: 'Montant', amountHint: (min: string, max: string) => `Entre ${min} et ${max}.`,
    operatorAuto: 'Selon le numéro', known: 'Dans vos contacts', unknown: 'Nouveau contact : indiquez son nom.', pays: 'Reçoit', fee: 'Frais', held: 'Débité de votre solde', after: 'Disponible ensuite',
    do: 'Envoyer', doSum: (sum: string) => `Envoyer ${sum}`, checking: 'Vérification…', checked: 'Vérifié',
    confirmTitle: 'Vérifiez avant d\'envoyer', confirmTo: (n: number) => `à ${people(n)}`, confirmText: 'L\'argent est réservé maintenant. Il part après confirmation de l\'envoi.', confirmFees: (fees: string) => `dont frais : ${fees}`,
    list: 'Liste', paste: 'Collez ou tapez votre liste', pasteHint: 'Une personne par ligne : numéro, montant, nom, prénoms. Depuis Excel, copiez les cellules et collez-les ici.',
    pasteExample: '07 07 89 50 86 ; 12 500 ; Koné ; Awa', file: 'Choisir un fichier', drop: 'ou déposez ici un fichier CSV', template: 'Télécharger un modèle', templateName: 'modele-envoi.csv',
    rows: (n: number) => lines(n), good: (n: number) => (n < 2 ? `${count(n)} prête` : `${count(n)} prêtes`), bad: (n: number) => `${count(n)} à corriger`, warnings: (n: number) => `${count(n)} à vérifier`,
    showAll: 'Toutes', showBad: 'À corriger', showWarn: 'À vérifier', line: 'Ligne', verdict: 'Contrôle', ok: 'Prêt', removeBad: (n: number) => `Retirer les ${lines(n)} à corriger`, clear: 'Tout effacer',
    removeLine: (line: number) => `Retirer la ligne ${line}`, noneHere: 'Aucune ligne ici.', page: (page: number, pages: number) => `Page ${page} sur ${pages}`, before: 'Précédent', next: 'Suivant',
    cut: (n: number) => `${lines(n)} de trop : une liste a au plus 5 000 personnes. Faites-en une deuxième.`,
    wrong: {
      phoneMissing: 'Le numéro manque', phone: 'Numéro non reconnu', amountMissing: 'Le montant manque', amount: 'Montant non reconnu', min: (min: string) => `Au moins ${min}`, max: (max: string) => `Au plus ${max}`,
      multiple: (n: number) => `Multiple de ${n}`, name: 'Indiquez nom et prénoms (nouveau contact)', operator: 'Aucun opérateur pour ce numéro',
    },
    same: (line: number) => `Même numéro que la ligne ${line}`, recent: (day: string) => `Même montant déjà envoyé le ${day}`,
    totals: 'Total', notEnough: (missing: string) => `Il manque ${missing} sur votre solde disponible.`, fixFirst: 'Corrigez ou retirez d\'abord les lignes signalées.', emptyFirst: 'Ajoutez au moins une personne.',
    noneAccepted: 'Aucun paiement n\'a été accepté.',
    refusedSome: (n: number) => (n < 2 ? '1 paiement a été refusé.' : `${count(n)} paiements ont été refusés.`),
    merchant: 'Marchand',
  },
  lots: {
    title: 'Envois à confirmer', text: 'L\'argent ne part qu\'après confirmation.', empty: 'Rien à confirmer', emptyText: 'Les envois qui attendent votre accord apparaîtront ici.',
    all: 'Tous les envois', waiting: 'À confirmer', lot: 'Envoi', sender: 'Préparé par', apiSender: 'Par l\'API', when: 'Le', until: 'À confirmer avant le', persons: (given: number, persons: number) => `${count(given)} confirmation sur ${count(persons)}`, total: 'Total', receivers: 'Bénéficiaires', fees: 'Frais', look: 'Voir et décider',
    one: (n: number) => `Envoi à ${people(n)}`, confirm: 'Confirmer et payer', cancel: 'Annuler l\'envoi', confirmTitle: 'Confirmer cet envoi ?', confirmText: 'L\'argent part tout de suite. Cela ne peut pas être annulé.', twoText: 'Cet envoi demande deux personnes. Il part après la deuxième confirmation.',
    cancelTitle: 'Annuler cet envoi ?', cancelText: 'Personne ne sera payé. L\'argent réservé revient sur votre solde.', cancelDo: 'Annuler l\'envoi', keep: 'Retour', confirmed: 'Envoi confirmé.', cancelled: 'Envoi annulé.', givenOne: 'Votre confirmation est enregistrée. Une autre personne doit confirmer.',
    waits: 'Cet envoi attend une confirmation.', waitsOther: 'Vous ne pouvez pas le confirmer vous-même : demandez à une personne qui confirme les envois.', waitsSecond: 'Une deuxième personne doit confirmer.',
    progress: 'Avancement', progressText: (ended: string, all: string) => `${ended} sur ${all} terminés`, done: 'Terminé', paid: 'Payés', refused: 'Refusés', underWay: 'En cours', checking: 'En vérification', result: 'Télécharger le résultat', people: 'Bénéficiaires',
    doneAll: (n: number) => `Tout est payé : ${people(n)}.`, doneSome: (paid: number, refused: number) => `${people(paid)} payées, ${count(refused)} paiements refusés. L'argent des refusés est revenu sur votre solde.`,
    approvals: 'Décisions', acts: { GIVEN: 'a confirmé', CONFIRMED: 'a confirmé', CANCELLED: 'a annulé' } as Record<string, string>, cancelledText: 'Cet envoi a été annulé : personne n\'a été payé.', expiredText: 'Cet envoi n\'a pas été confirmé à temps : personne n\'a été payé.', from: 'Demandé depuis',
  },
  transfers: {
    operator: 'Opérateur', title: 'Paiements', search: 'Numéro, nom, référence…', searchHint: 'Numéro de téléphone, nom d\'un contact, référence ou identifiant d\'envoi', from: 'Du', to: 'Au', anyState: 'Tous les états', anyOperator: 'Tous les opérateurs', export: 'Exporter (CSV)', filters: 'Rechercher et filtrer', receiver: 'Bénéficiaire', clear: 'Effacer les filtres',
    empty: 'Aucun paiement', emptyText: 'Vos paiements apparaîtront ici dès le premier envoi.', emptyFound: 'Rien ne correspond', emptyFoundText: 'Essayez avec moins de filtres, ou une autre période.', seen: (day: string) => `Recherché jusqu'au ${day}.`, seenMore: 'Chercher plus loin', shown: (n: number) => (n < 2 ? `${count(n)} paiement affiché` : `${count(n)} paiements affichés`),
    one: 'Paiement', story: 'Histoire de ce paiement', facts: 'Détails', id: 'Référence payoutd', ownId: 'Votre référence', operatorReference: 'Référence de l\'opérateur', lot: 'Envoi', contact: 'Voir le contact', reason: 'Raison', delivered: 'Reçoit',
    notifications: 'Notifications', notificationsText: 'Ce qui a été dit à votre serveur, et ce qu\'il a répondu.', noNotifications: 'Aucune notification pour ce paiement.', sendAgain: 'Renvoyer', sentAgain: 'La notification part de nouveau.', answers: 'Réponses', tries: (n: number) => (n < 2 ? `${n} essai` : `${count(n)} essais`), noAnswer: 'pas de réponse',
    told: { DELIVERED: 'Reçue', DEAD: 'Abandonnée', WAITING: 'En attente', BLOCKED: 'En attente', SENDING: 'En route', DUE: 'En attente', UNDONE: 'En attente', OFF: 'Arrêtée' } as Record<string, string>,
    kind: {
      accepted: 'Accepté', held: 'Argent réservé', confirmed: 'Confirmé', cancelled: 'Annulé', expired: 'Expiré, faute de confirmation', screened: 'Nom vérifié', submitted: 'Envoyé à l\'opérateur', answered: 'Réponse de l\'opérateur', paid: 'Payé', rejected: 'Refusé', moved: 'Mouvement d\'argent', notified: 'Notification', proposed: 'Décision proposée', settled: 'Décidé', contradicted: 'L\'opérateur s\'est contredit', reversal: 'Remboursement',
      doubled: 'Signalé comme doublon possible', released: 'Libéré : pas un doublon', refused: 'Refusé par une personne',
    } as Record<string, string>,
    movement: { hold: 'Réservé', pay: 'Payé', release: 'Rendu au solde', fee: 'Frais', 'top-up': 'Approvisionnement', withdraw: 'Retrait', reverse: 'Repris' } as Record<string, string>,
    account: { available: 'solde disponible', held: 'argent réservé', float: 'compte opérateur', fees: 'frais', suspense: 'à éclaircir', outside: 'extérieur' } as Record<string, string>, by: 'par', fromTo: (from: string, to: string) => `de ${from} vers ${to}`,
  },
  doubles: {
    title: 'Doublons possibles', text: 'Ces paiements ressemblent à un autre, envoyé peu avant. Ils attendent votre décision.', empty: 'Aucun doublon', emptyText: 'Les paiements qui ressemblent à un autre apparaîtront ici.', release: 'Payer quand même', refuse: 'Refuser', releaseTitle: 'Payer ce bénéficiaire ?', refuseTitle: 'Refuser ce paiement ?', why: 'Pourquoi ?', whyHint: 'Par exemple : deux factures. Votre réponse est gardée au journal.', done: 'C\'est noté.',
  },
  contacts: {
    title: 'Contacts', add: 'Ajouter', import: 'Importer', importTitle: 'Ajouter des contacts', importHint: 'Une personne par ligne : numéro, nom, prénoms.', importExample: '07 07 89 50 86 ; Koné ; Awa', importDo: (n: number) => (n < 2 ? 'Ajouter ce contact' : `Ajouter ${count(n)} contacts`), added: (n: number) => (n < 2 ? `${count(n)} contact ajouté.` : `${count(n)} contacts ajoutés.`), notAdded: 'Pas ajoutés', search: 'Nom ou numéro',
    empty: 'Pas encore de contact', emptyText: 'Ajoutez les personnes que vous payez, ou envoyez une liste : elles seront ajoutées d\'elles-mêmes.', emptyFound: 'Personne de ce nom', emptyFoundText: 'Essayez une partie du nom, ou les premiers chiffres du numéro.', one: 'Contact', since: 'Ajouté le', numbers: 'Numéros', payouts: 'Ses paiements', noPayouts: 'Aucun paiement pour l\'instant.', pay: 'Envoyer de l\'argent', editTitle: 'Modifier le contact', saved: 'Contact modifié.',
    merge: 'Réunir avec un autre', mergeTitle: 'Deux numéros d\'une même personne', mergeText: 'Ce numéro sera montré sous l\'autre contact. Les paiements passés ne changent pas.', mergeWith: 'Numéro de l\'autre contact', mergeDo: 'Réunir', merged: 'Contacts réunis.', listedUnder: 'Même personne que', split: 'Séparer', noName: 'Sans nom',
  },
};
