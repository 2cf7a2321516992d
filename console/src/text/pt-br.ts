import type { Words } from './words.ts'

export const ptBr: Words = {
  tryIt: 'Experimentar', reference: 'Referência da API', language: 'Idioma', colors: 'Claro ou escuro', skip: 'Ir para o formulário',
  heading: 'Prove que um celular é seu', lead: 'Envie um código, veja-o chegar no celular simulado e digite-o aqui.',
  number: 'Número de celular', numberHint: 'Com código do país. Qualquer número serve: nada sai desta máquina.',
  messageLanguage: 'Idioma da mensagem', channel: 'Canal', automatic: 'WhatsApp, depois SMS', send: 'Enviar código',
  key: 'Chave de teste', keyHint: 'Fica só nesta aba.',
  code: 'Código', codeHint: (to) => `Enviamos para ${to}.`, check: 'Verificar código',
  wrong: (left) => (left === 1 ? 'Código errado. Resta uma tentativa.' : `Código errado. Restam ${left} tentativas.`), wrongLast: 'Código errado, e era a última tentativa. Comece de novo.',
  empty: 'Digite o código da mensagem.', validUntil: (time) => `Válido até ${time}.`,
  resend: 'Enviar de novo', resendIn: (seconds) => `Enviar de novo em ${seconds} s`, other: 'Outro jeito:',
  by: (channel) => `Enviar por ${channel}`, changeNumber: 'Usar outro número', sentAgain: (channel) => `Enviado por ${channel}.`,
  approved: 'Verificado', approvedText: (to, seconds) => `${to} está confirmado. Levou ${seconds} s.`, again: 'Testar outro',
  ended: { canceled: 'Cancelado.', expired: 'O código expirou.', blocked: 'Não há mais tentativas com este código.', undeliverable: 'O código não pôde ser entregue por nenhum canal.' },
  startAgain: 'Começar de novo', timeline: 'O que está acontecendo', curl: 'O mesmo pela API', copy: 'Copiar', copied: 'Copiado',
  startCall: 'Iniciar', checkCall: 'Verificar', phone: 'Celular', toPhone: 'Ver o celular', noPhone: 'O simulador está desligado neste servidor.',
  channels: { whatsapp: 'WhatsApp', sms: 'SMS', rcs: 'RCS', voice: 'ligação', email: 'e-mail' },
  events: {
    'verification.started': 'Iniciado', 'verification.moved_on': 'Enviando de novo', 'verification.check_failed': 'Código errado', 'verification.approved': 'Verificado',
    'verification.blocked': 'Sem tentativas', 'verification.canceled': 'Cancelado', 'verification.expired': 'Expirado', 'verification.undeliverable': 'Não pôde ser entregue',
    'delivery.sent': 'Enviado', 'delivery.delivered': 'Entregue', 'delivery.read': 'Lido', 'delivery.failed': 'Falhou', 'delivery.deferred': 'Adiado', 'delivery.unknown': 'O provedor não respondeu',
  },
  reasons: {
    not_delivered_in_time: 'não chegou a tempo', delivery_failed: 'a entrega falhou', asked_again: 'pedido de novo', asked_for_channel: 'este canal foi pedido', asked_for_next: 'o próximo canal foi pedido',
    not_reachable_on_channel: 'não alcançável neste canal', held: 'retido pela plataforma', rate_limited: 'mensagens demais', provider_unavailable: 'provedor indisponível', expired: 'terminou antes do envio',
    identity_changed: 'a conta mudou de dono', not_requested: 'a pessoa não pediu', canceled: 'cancelado', lifetime_over: 'o tempo acabou', every_channel_failed: 'todos os canais falharam', no_fallback_allowed: 'nenhum outro canal é seguro',
  },
  refusals: {
    recipient_invalid: 'Isto não é um número de telefone. Escreva com o código do país, por exemplo +55 11 98765-4321.',
    recipient_not_allowed: 'Este tipo de número não recebe códigos. Use um celular.', channel_unavailable: 'Este canal não está configurado neste servidor.',
    resend_too_soon: 'O código acabou de ser enviado. Espere um pouco.', send_limit_reached: 'Já são códigos suficientes. Tente em alguns minutos.',
    recipient_checks_paused: 'Vários códigos errados seguidos. A próxima tentativa precisa esperar.', recipient_budget_spent: 'Códigos errados demais hoje para este número.',
    check_limit_reached: 'Não há mais tentativas com este código. Comece de novo.', verification_expired: 'O código expirou. Comece de novo.', verification_closed: 'Esta verificação terminou. Comece de novo.',
    body_invalid: 'Um código só tem dígitos.', credentials_invalid: 'A chave é desconhecida.', database_unavailable: 'O banco de dados não responde. Tente em instantes.', busy: 'O servidor está ocupado. Tente em instantes.', unreachable: 'O servidor não responde. Ele está rodando?',
  },
  retryIn: (seconds) => `Tente em ${seconds} s.`,
}
