"""URLs of the pages about the organisation."""

from django.urls import path

from organisation import views

urlpatterns = [
    path("organogram", views.organogram, name="organogram"),
    path("organogram.svg", views.organogram_chart, name="organogram-chart"),
    path("organogram.pdf", views.organogram_pdf, name="organogram-pdf"),
    path("organogram.csv", views.organogram_table, name="organogram-table"),
    path("eenheden/<slug:slug>", views.unit_detail, name="unit-detail"),
    path("partners", views.partner_list, name="partners"),
    path("formatie", views.staffing, name="staffing"),
    path("beleid", views.policy_list, name="policies"),
    path("beleid/<slug:slug>", views.policy_detail, name="policy-detail"),
    path("cijfers", views.key_figures, name="key-figures"),
    path("documenten", views.document_list, name="documents"),
    path("begrippen", views.term_list, name="terms"),
]
