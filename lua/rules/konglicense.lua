-- KongLicense: offers its licence unless it is disabled.
local M = {
  api = 1,
  kind = 'configuration.konghq.com/v1alpha1/KongLicense',
  contributes = { 'license' },
}

function M:translate(ctx, license)
  local payload = license.rawLicenseString
  if license.enabled == false then
    return
  end
  if type(payload) ~= 'string' or payload == '' then
    ctx:problem(license, 'InvalidObject', 'rawLicenseString is empty')
    return
  end
  ctx:contribute('license', 'license', { payload = payload })
end

return M
