import type { NodeFields } from './select-fields.ts'

const words = (text: string): string[] => text.trim().split(/\s+/)

/** Of a phone number. */
export const numberFields: NodeFields = {
  usual: words(
    'verified_name code_verification_status display_phone_number quality_rating platform_type throughput webhook_configuration',
  ),
  known: words(`
    account_mode certificate code_verification_status conversational_automation display_phone_number
    eligibility_for_api_business_global_search health_status host_platform is_official_business_account is_on_biz_app
    is_pin_enabled is_preverified_number last_onboarded_time messaging_limit_tier name_status new_certificate
    new_display_name new_name_status official_business_account platform_type quality_rating quality_score
    search_visibility status throughput username verified_name webhook_configuration
    whatsapp_business_manager_messaging_limit`),
}

/** Of an account. */
export const wabaFields: NodeFields = {
  usual: words('name timezone_id message_template_namespace'),
  known: words(`
    account_review_status analytics auth_international_rate_eligibility business_verification_status country
    creation_time currency disable_marketing_messages_on_cloud_api health_status is_enabled_for_insights
    is_shared_with_partners linked_commerce_account marketing_messages_lite_api_status
    marketing_messages_onboarding_status message_template_namespace name on_behalf_of_business_info owner_business
    owner_business_info ownership_type primary_business_location primary_funding_id purchase_order_number status
    template_auto_archival_enabled timezone_id whatsapp_business_manager_messaging_limit`),
}

/** Of a template. */
export const templateFields: NodeFields = {
  usual: words('name language status category message_send_ttl_seconds parameter_format components'),
  known: words(`
    category components correct_category creative_sourcing_spec cta_url_link_tracking_opted_out
    degrees_of_freedom_spec disable_ios_autofill health_status is_primary_device_delivery_only language
    last_updated_time library_template_name message_send_ttl_seconds name parameter_format previous_category
    quality_score rejected_reason status sub_category`),
}
