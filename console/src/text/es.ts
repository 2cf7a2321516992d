import type { Words } from './words.ts'

export const es: Words = {
  tryIt: 'Probar', reference: 'Referencia de la API', language: 'Idioma', colors: 'Claro u oscuro', skip: 'Ir al formulario',
  heading: 'Demuestra que un teléfono es tuyo', lead: 'Envía un código, míralo llegar al teléfono simulado y escríbelo aquí.',
  number: 'Número de teléfono', numberHint: 'Con código de país. Cualquier número sirve: nada sale de este equipo.',
  messageLanguage: 'Idioma del mensaje', channel: 'Canal', automatic: 'WhatsApp, luego SMS', send: 'Enviar código',
  key: 'Clave de prueba', keyHint: 'Solo se guarda en esta pestaña.',
  code: 'Código', codeHint: (to) => `Lo enviamos a ${to}.`, check: 'Comprobar código',
  wrong: (left) => (left === 1 ? 'El código no es correcto. Queda un intento.' : `El código no es correcto. Quedan ${left} intentos.`), wrongLast: 'El código no es correcto y era el último intento. Empieza de nuevo.',
  empty: 'Escribe el código del mensaje.', validUntil: (time) => `Válido hasta las ${time}.`,
  resend: 'Enviar de nuevo', resendIn: (seconds) => `Enviar de nuevo en ${seconds} s`, other: 'Otra forma:',
  by: (channel) => `Enviar por ${channel}`, changeNumber: 'Usar otro número', sentAgain: (channel) => `Enviado por ${channel}.`,
  approved: 'Verificado', approvedText: (to, seconds) => `${to} está confirmado. Tardó ${seconds} s.`, again: 'Probar otro',
  ended: { canceled: 'Cancelado.', expired: 'El código ha caducado.', blocked: 'No quedan intentos con este código.', undeliverable: 'El código no se pudo entregar por ningún canal.' },
  startAgain: 'Empezar de nuevo', timeline: 'Qué está pasando', curl: 'Lo mismo por API', copy: 'Copiar', copied: 'Copiado',
  startCall: 'Iniciar', checkCall: 'Comprobar', phone: 'Teléfono', toPhone: 'Ver el teléfono', noPhone: 'El simulador está apagado en este servidor.',
  channels: { whatsapp: 'WhatsApp', sms: 'SMS', rcs: 'RCS', voice: 'llamada', email: 'correo' },
  events: {
    'verification.started': 'Iniciado', 'verification.moved_on': 'Enviando otra vez', 'verification.check_failed': 'Código incorrecto', 'verification.approved': 'Verificado',
    'verification.blocked': 'Sin intentos', 'verification.canceled': 'Cancelado', 'verification.expired': 'Caducado', 'verification.undeliverable': 'No se pudo entregar',
    'delivery.sent': 'Enviado', 'delivery.delivered': 'Entregado', 'delivery.read': 'Leído', 'delivery.failed': 'Falló', 'delivery.deferred': 'Aplazado', 'delivery.unknown': 'El proveedor no respondió',
  },
  reasons: {
    not_delivered_in_time: 'no llegó a tiempo', delivery_failed: 'la entrega falló', asked_again: 'se pidió otra vez', asked_for_channel: 'se pidió este canal', asked_for_next: 'se pidió el siguiente canal',
    not_reachable_on_channel: 'no localizable en este canal', held: 'retenido por la plataforma', rate_limited: 'demasiados mensajes', provider_unavailable: 'proveedor no disponible', expired: 'terminó antes de enviarse',
    identity_changed: 'la cuenta cambió de dueño', not_requested: 'la persona no lo pidió', canceled: 'cancelado', lifetime_over: 'se acabó el tiempo', every_channel_failed: 'fallaron todos los canales', no_fallback_allowed: 'ningún otro canal es seguro',
  },
  refusals: {
    recipient_invalid: 'Esto no es un número de teléfono. Escríbelo con el código de país, por ejemplo +52 55 1234 5678.',
    recipient_not_allowed: 'Este tipo de número no puede recibir códigos. Usa un móvil.', channel_unavailable: 'Este canal no está configurado en este servidor.',
    resend_too_soon: 'El código se acaba de enviar. Espera un poco.', send_limit_reached: 'Suficientes códigos por ahora. Inténtalo en unos minutos.',
    recipient_checks_paused: 'Varios códigos incorrectos seguidos. El siguiente intento tiene que esperar.', recipient_budget_spent: 'Demasiados códigos incorrectos hoy para este número.',
    check_limit_reached: 'No quedan intentos con este código. Empieza de nuevo.', verification_expired: 'El código ha caducado. Empieza de nuevo.', verification_closed: 'Esta verificación ha terminado. Empieza de nuevo.',
    body_invalid: 'Un código solo tiene dígitos.', credentials_invalid: 'La clave no existe.', database_unavailable: 'La base de datos no responde. Inténtalo en un momento.', busy: 'El servidor está ocupado. Inténtalo en un momento.', unreachable: 'El servidor no responde. ¿Está en marcha?',
  },
  retryIn: (seconds) => `Inténtalo en ${seconds} s.`,
}
